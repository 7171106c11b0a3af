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
///   max   each map divided by its own largest value: pictures cannot be compared with each other any more (a map
///         without positive values stays as it is)
///   scale:V  divided by V > 0, in units of the map: one scale for all maps of a model and class, such as the one
///         that `rationale explain` finds (the 99th percentile of the largest values over the cases)
///   up    to the input's size, half-pixel centres, bi- or trilinear
/// @param maps         [N,*S] or [N,K,*S]
/// @param n_spatial    how many trailing axes are places: 2 or 3
/// @param input_size   (D,)H,W of the input, for `up`
/// @throws Error (kUsage) for another word
FloatArray apply_display(FloatArray maps, int n_spatial, const std::vector<std::string>& steps,
                         const Shape& input_size);

/// What the steps say about comparing maps: "fixed" (scale:V), "each map's own maximum" (max) or "none".
std::string display_scale(const std::vector<std::string>& steps);

/// The largest value of each map. @param maps  [N,*S] or [N,K,*S]  @return  [N] or [N,K]
FloatArray largest_values(const FloatArray& maps, int n_spatial);

}  // namespace rationale::explain
