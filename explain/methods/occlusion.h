// Occlusion: how much the score drops when a window is covered.
#pragma once

#include <vector>

#include "data/arrays/array.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;
struct MapSettings;

/// Windows of `size` places every `stride` places, `count` of them along each axis; the last is clipped at the border.
struct Windows {
  Shape size, stride, count;
};

/// As the settings say; where they are silent, a window of the larger of 8 and a seventh of the shortest side, and
/// half a window as stride. Never more than the side. count = max(1, ceil((side - size) / stride) + 1).
Windows occlusion_windows(const Shape& sides, const MapSettings& settings);

/// Occlusion (Zeiler and Fergus, ECCV 2014, section 2.1) of the prepared input: f(x) - f(x with the window set to 0),
/// all channels at once. An intervention; what 0 means, and the window, decide much. Facts: window, stride.
/// @return  [N,*count] for each target; all targets share the runs
std::vector<at::Tensor> occlusion_grid(const MethodCall& call);

/// The mean of the grid's values whose windows cover the pixel (0 where none does), [N,*S] for each target.
std::vector<at::Tensor> occlusion_pixel(const MethodCall& call);

/// The same at a layer, one place after another (or settings.window): only the suffix runs again. [N,*S]
std::vector<at::Tensor> layer_occlusion(const MethodCall& call);

}  // namespace rationale::explain
