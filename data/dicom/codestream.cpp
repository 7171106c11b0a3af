#include "data/dicom/codestream.h"

#include <cstddef>

namespace rationale {
namespace {

int byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

bool is_frame_header(int marker) {
  const bool is_table = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
  return (marker >= 0xC0 && marker <= 0xCF && !is_table) || marker == 0xF7;
}

}  // namespace

std::optional<Codestream> read_codestream(std::string_view bytes) {
  if (!bytes.starts_with("\xFF\xD8")) return std::nullopt;
  std::size_t at = 2;
  while (bytes.size() - at >= 4) {
    if (byte(bytes, at) != 0xFF) return std::nullopt;
    const int marker = byte(bytes, at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xD9 || marker == 0xDA) return std::nullopt;
    const std::size_t length =
        static_cast<std::size_t>(byte(bytes, at + 2) * 256 + byte(bytes, at + 3));
    if (length < 2 || length > bytes.size() - at - 2) return std::nullopt;
    if (is_frame_header(marker)) {
      if (length < 8) return std::nullopt;
      const auto word = [&](std::size_t i) {
        return byte(bytes, at + i) * 256 + byte(bytes, at + i + 1);
      };
      // Markers cannot appear inside the compressed data (bytes or bits are stuffed), so the last
      // one after the header tells a whole stream from a cut one.
      return Codestream{.precision = byte(bytes, at + 4),
                        .rows = word(5),
                        .cols = word(7),
                        .components = byte(bytes, at + 9),
                        .is_complete = bytes.rfind("\xFF\xD9") != std::string_view::npos &&
                                       bytes.rfind("\xFF\xD9") > at};
    }
    at += 2 + length;
  }
  return std::nullopt;
}

}  // namespace rationale
