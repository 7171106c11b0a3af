// Viridis: the colours of heatmaps. Even steps, one direction of brightness, clearly off grey.
#pragma once

#include <array>
#include <cstdint>

namespace rationale {

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Rgb&) const = default;
};

/// t in 0 … 1 (clamped). Within 1 of 255 of the published table (S. van der Walt, N. Smith and
/// E. Firing, 2015; placed in the public domain, CC0).
Rgb viridis(double t);

/// Entry i is viridis(i / 255): for textures.
std::array<Rgb, 256> viridis_table();

}  // namespace rationale
