// Chest phantoms: 96 x 96 pictures whose findings and confounders are known. docs/phantoms.md
// describes what is drawn; every figure there is a constant here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/image.h"

namespace rationale::samples {

inline constexpr int kSize = 96;           ///< rows and columns
inline constexpr double kBrightest = 1.2;  ///< intensities are clipped to [0, kBrightest]
inline constexpr int kMaxStored = 4095;    ///< 12 bits

/// Five findings, then three confounders that say nothing about disease.
enum Finding {
  kNodule,
  kConsolidation,
  kEffusion,
  kPneumothorax,
  kCardiomegaly,
  kMarker,
  kPortable,
  kShoulder,
};
inline constexpr int kFindingCount = 8;
inline constexpr std::array<const char*, kFindingCount> kFindingNames = {
    "nodule",       "consolidation", "effusion", "pneumothorax",
    "cardiomegaly", "marker",        "portable", "shoulder"};

using Findings = std::array<bool, kFindingCount>;
using Mask = std::vector<std::uint8_t>;  ///< 0 or 1, kSize x kSize, row-major

struct Phantom {
  Plane image;  ///< intensities, 0 .. kBrightest
  /// Where each finding adds (or takes away) more than 20 % of its peak change; for an absent
  /// finding, where it would be.
  std::array<Mask, kFindingCount> masks;
};

/// Draws image `index` of set `seed`. Every random number is drawn in a fixed order whether a
/// finding is present or not, so that two calls which differ in one finding give a true
/// counterfactual pair: same anatomy, same texture, same noise.
Phantom render(std::uint64_t seed, std::uint64_t index, const Findings& findings);

/// 12-bit values as a file stores them: round(I / 1.2 * 4095).
std::vector<std::uint16_t> stored_values(const Plane& image);

/// What the sample models see: x = (I - 0.5) / 0.25 with I = stored / 4095 * 1.2. [1, 96, 96]
FloatArray network_input(const std::vector<std::uint16_t>& stored);

}  // namespace rationale::samples
