// CT phantoms: a chest of 24 slices with or without one nodule, and with vessels along the depth, which in a single
// slice are round and bright as well. docs/phantoms.md describes what is drawn.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/arrays/array.h"

namespace rationale::samples {

inline constexpr int kCtSlices = 24, kCtSide = 64;
inline constexpr double kCtPixelMm = 4.5, kCtSliceMm = 5;

struct CtPhantom {
  std::string name, patient;  ///< "ct7-0003", "C7-0003"
  bool has_nodule = false;
  /// Of the nodule, or of the place where it would be: (slice, row, column), in voxel centres.
  std::array<double, 3> nodule_centre{};
  double nodule_radius_mm = 0;
  std::vector<std::int16_t> hounsfield;  ///< [24, 64, 64], slice 0 at the feet, row 0 at the front, column 0 right
  std::vector<std::uint8_t> mask;        ///< 1 within the nodule's radius; all 0 without one
};

/// Phantom `index` of set `seed`: one in two has a nodule. Random numbers are drawn in a fixed order whether the
/// nodule is there or not, so that a phantom with and without it differ in nothing else.
/// @param nodule  -1 as drawn, 0 without, 1 with
CtPhantom ct_phantom(std::uint64_t seed, std::uint64_t index, int nodule = -1);

/// What the sample model sees: x = ((HU + 1000) / 1200 clipped to 0 … 1, minus 0.3) / 0.3. [1, 24, 64, 64]
FloatArray ct_network_input(const CtPhantom& phantom);

}  // namespace rationale::samples
