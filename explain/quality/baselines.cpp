#include "explain/quality/baselines.h"

#include <cmath>

#include "data/image/resample.h"
#include "data/samples/stream.h"
#include "explain/methods/baselines.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

constexpr std::uint64_t kPurpose = 0x6368616e;

}  // namespace

Plane centre_map(const MapGrid& grid) {
  Plane map{grid.rows, grid.cols, {}};
  const double middle_row = (grid.rows - 1) / 2.0, middle_col = (grid.cols - 1) / 2.0;
  for (int row = 0; row < grid.rows; ++row) {
    for (int col = 0; col < grid.cols; ++col) {
      const double r = (row - middle_row) / (grid.rows / 4.0);
      const double c = (col - middle_col) / (grid.cols / 4.0);
      map.values.push_back(static_cast<float>(std::exp(-(r * r + c * c) / 2)));
    }
  }
  return map;
}

Plane edge_map(const FloatArray& input, const MapGrid& grid) {
  const at::Tensor edges = edge_map(to_tensor(input).unsqueeze(0));  // the method's own
  const Plane plane{grid.rows, grid.cols, to_array(edges).values};
  return upsample_bilinear(area(plane, grid.cell_rows, grid.cell_cols), grid.rows, grid.cols);
}

Plane random_map(const MapGrid& grid, std::uint64_t seed, std::uint64_t index) {
  samples::Stream stream(seed, index, kPurpose);
  Plane cells{grid.cell_rows, grid.cell_cols, {}};
  for (int i = 0; i < grid.cell_rows * grid.cell_cols; ++i) {
    cells.values.push_back(static_cast<float>(stream.uniform()));
  }
  return upsample_bilinear(cells, grid.rows, grid.cols);
}

}  // namespace rationale::explain
