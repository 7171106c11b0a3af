// Named steps from a raw map to what is shown. Each is a choice, and stays out of the stored map.
#pragma once

#include <string>
#include <vector>

#include "data/arrays/array.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

/// [M,*S] → [M,*size], bi- or trilinear, half-pixel centres, no antialiasing.
at::Tensor up_sampled(const at::Tensor& maps, const Shape& size);

/// Applies in the order given:
///   relu  negative values become 0
///   max   each map divided by its largest value (a map without positive values stays as it is)
///   up    to the input's size, half-pixel centres, bi- or trilinear
/// @param maps         [N,*S] or [N,K,*S]
/// @param n_spatial    how many trailing axes are places: 2 or 3
/// @param input_size   (D,)H,W of the input, for `up`
/// @throws Error (kUsage) for another word
FloatArray apply_display(FloatArray maps, int n_spatial, const std::vector<std::string>& steps,
                         const Shape& input_size);

}  // namespace rationale::explain
