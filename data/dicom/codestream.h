// What a JPEG or JPEG-LS codestream says about itself in its first markers (ISO 10918-1, ISO
// 14495-1).
#pragma once

#include <optional>
#include <string_view>

namespace rationale {

struct Codestream {
  int precision = 0;
  int rows = 0, cols = 0;
  int components = 0;
  bool is_complete = false;  ///< has an end-of-image marker
};

/// Nothing if the bytes are no such codestream, or end before its frame header.
std::optional<Codestream> read_codestream(std::string_view bytes);

}  // namespace rationale
