// DICOM unique identifiers that follow from a text: the same every time, and nobody else's.
#pragma once

#include <string>

namespace rationale {

/// "2.25." and the decimal of a 128-bit name-based UUID made from SHA-256 of `key` (PS3.5 B.2).
std::string uid_from(const std::string& key);

}  // namespace rationale
