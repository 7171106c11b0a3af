// TOML values as text: for documents that a program makes from others.
#pragma once

#include <string>

#include "data/base/toml.h"

namespace rationale {

/// A document whose top is `table`: parse_toml gives the same values back (comments and order are lost).
/// Tables have their own headers, lists of tables [[headers]]; what is deeper inside a list stands inline.
/// @throws Error (kInput) for dates and times, whose value TomlValue does not keep
std::string toml_text(const TomlValue& table);

}  // namespace rationale
