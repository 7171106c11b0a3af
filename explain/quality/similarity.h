// How much two maps are alike: for randomised weights, other classes, other layers.
#pragma once

#include <span>

#include "data/image/image.h"
#include "explain/quality/measure.h"

namespace rationale::explain {

/// Correlation of mid-ranks. Not estimable ("flat_map") if one of the two is constant.
/// @pre equal sizes, here and below
Measure spearman(std::span<const float> a, std::span<const float> b);

/// Product-moment correlation. Not estimable ("flat_map") if one of the two is constant.
Measure pearson(std::span<const float> a, std::span<const float> b);

/// Structural similarity (Wang et al., IEEE TIP 13, 2004): each map max(m,0)/max(m); uniform 7 x 7 windows
/// that lie wholly inside, variances with n - 1, C1 = 0.01², C2 = 0.03², range 1; mean over the windows.
/// Peers take the range from the two maps together, which hides weak ones.
/// Not estimable ("too_small") below 7 x 7.
Measure ssim(const Plane& a, const Plane& b);

/// The same of signed maps: each (1 + m / max|m|) / 2. Zero is one half, so that two maps which are silent at a place
/// are no more alike there than two that differ.
Measure signed_ssim(const Plane& a, const Plane& b);

/// ||other - map||_2 / ||map||_2: how far a perturbation of the input moved the map; its largest value over
/// perturbations is the max-sensitivity (Yeh et al., arXiv:1901.09392).
/// Not estimable ("no_positive_evidence") for a map of zeros.
Measure relative_change(std::span<const float> map, std::span<const float> other);

}  // namespace rationale::explain
