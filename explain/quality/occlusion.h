// Occlusion: what the score loses when a window of the image is covered. An intervention beside the maps.
#pragma once

#include "data/image/image.h"
#include "explain/quality/deletion.h"

namespace rationale::explain {

struct OcclusionGrid {
  int window = 0, stride = 0;  ///< pixels
};

/// A window of a seventh of the shorter side, half of it a step (at least one pixel).
OcclusionGrid coarse_grid(int rows, int cols);

/// f(x) - f(x with one window taken from `base`), mean over the windows that cover a pixel (Zeiler and Fergus,
/// arXiv:1311.2901). Windows start at multiples of the stride and are cut at the border.
/// @param image, base  [C,H,W]  @return  signed, in units of the score, H x W
Plane occlusion_map(const Score& score, const FloatArray& image, const FloatArray& base, const OcclusionGrid& grid,
                    int batch = 16);

}  // namespace rationale::explain
