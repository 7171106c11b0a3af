// Maps that know nothing of the model. A heatmap that does not beat them shows nothing of its own.
#pragma once

#include <cstdint>

#include "data/arrays/array.h"
#include "data/image/image.h"

namespace rationale::explain {

/// A map's own resolution: cells of the layer, and the pixels that they are spread over.
struct MapGrid {
  int cell_rows = 0, cell_cols = 0;
  int rows = 0, cols = 0;
};

/// exp(-(Δrow² / 2s_r² + Δcol² / 2s_c²)) about the middle, s a quarter of each side: "look at the centre".
Plane centre_map(const MapGrid& grid);

/// Sobel gradient of the input's mean over channels, averaged within each cell and up-sampled as a map of the
/// layer is: as smooth as what it is compared with, because smoothing alone raises localisation.
/// @param input  [C,H,W] of the grid's rows and columns
Plane edge_map(const FloatArray& input, const MapGrid& grid);

/// Independent uniform cells, up-sampled likewise: the order of chance at this resolution.
Plane random_map(const MapGrid& grid, std::uint64_t seed, std::uint64_t index);

}  // namespace rationale::explain
