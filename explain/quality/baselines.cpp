#include "explain/quality/baselines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "data/image/resample.h"
#include "data/samples/stream.h"

namespace rationale::explain {
namespace {

constexpr std::uint64_t kPurpose = 0x6368616e;

Plane grey(const FloatArray& input, int rows, int cols) {
  Plane plane{rows, cols, std::vector<float>(static_cast<std::size_t>(rows * cols), 0)};
  const std::size_t n = plane.values.size(), n_channels = input.values.size() / n;
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    plane.values[i % n] += input.values[i] / static_cast<float>(n_channels);
  }
  return plane;
}

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
  const Plane plane = grey(input, grid.rows, grid.cols);
  const auto at = [&](int row, int col) {
    row = std::clamp(row, 0, grid.rows - 1);
    col = std::clamp(col, 0, grid.cols - 1);
    return plane.values[static_cast<std::size_t>(row * grid.cols + col)];
  };
  Plane edges{grid.rows, grid.cols, {}};
  for (int r = 0; r < grid.rows; ++r) {
    for (int c = 0; c < grid.cols; ++c) {
      const float across = at(r - 1, c + 1) + 2 * at(r, c + 1) + at(r + 1, c + 1) - at(r - 1, c - 1) -
                           2 * at(r, c - 1) - at(r + 1, c - 1);
      const float down = at(r + 1, c - 1) + 2 * at(r + 1, c) + at(r + 1, c + 1) - at(r - 1, c - 1) - 2 * at(r - 1, c) -
                         at(r - 1, c + 1);
      edges.values.push_back(std::hypot(across, down));
    }
  }
  return upsample_bilinear(area(edges, grid.cell_rows, grid.cell_cols), grid.rows, grid.cols);
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
