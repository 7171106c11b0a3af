// The grey value of a colour, where somebody asked for one (Colour::kToGrey).
#pragma once

#include <cstdint>

namespace rationale {

/// (19595 R + 38470 G + 7471 B + 32768) >> 16: the luma 0.299 R + 0.587 G + 0.114 B of ITU-R BT.601, rounded as
/// Pillow's convert("L") does. @pre each at most 65535
constexpr std::int32_t luma(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return static_cast<std::int32_t>((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}

}  // namespace rationale
