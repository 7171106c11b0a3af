// The last step before a network: what the card's `normalise`, `scale`, `mean` and `std` make of pixel values.
#pragma once

#include <cmath>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/geometry.h"
#include "data/image/image.h"
#include "explain/model/card.h"

namespace rationale::explain {

/// The values of input pixels whose centre lies on the picture and not on its padding.
std::vector<double> values_on_the_picture(const Plane& plane, const Picture& picture,
                                          const Affine& input_to_picture);

/// v → gain * clip(v, low, high) + offset: what all four ways to normalise come down to, before
/// the channels' own mean and std.
struct Line {
  double low = -HUGE_VAL, high = HUGE_VAL, gain = 1, offset = 0;
};

/// @param values  that minmax, zscore and percentile look at; `fixed` needs none
/// @throws Error (kInput, "constant_picture") if they are all equal, or there are none
Line normalisation(const ModelCard& card, std::vector<double> values);

/// The values, line and the channels' mean and std applied, repeated to the card's channels. [C,H,W] or [C,D,H,W]
/// @throws Error (kInput, "not_finite") if they leave the range of float32
FloatArray normalised(const std::vector<float>& values, const Line& line, const ModelCard& card);

}  // namespace rationale::explain
