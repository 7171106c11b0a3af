#include "explain/methods/input_grid.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {

FloatArray folded(const FloatArray& maps, Channels channels, int n_spatial) {
  if (channels == Channels::kNone) return maps;
  const std::size_t axis = maps.shape.size() - static_cast<std::size_t>(n_spatial) - 1;
  FloatArray result{maps.shape, {}};
  result.shape.erase(result.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  result.values.assign(static_cast<std::size_t>(element_count(result.shape)), 0);
  std::size_t n = 1;
  for (std::size_t d = axis + 1; d < maps.shape.size(); ++d) n *= static_cast<std::size_t>(maps.shape[d]);
  const std::size_t block = n * static_cast<std::size_t>(maps.shape[axis]);
  for (std::size_t i = 0; i < maps.values.size(); ++i) {
    float& value = result.values[i / block * n + i % n];
    value = channels == Channels::kSum ? value + maps.values[i] : std::max(value, std::abs(maps.values[i]));
  }
  return result;
}

Shape cells_of_input(const Shape& size) {
  const std::int64_t most = size.size() == 3 ? 8 : 22, least = size.size() == 3 ? 4 : 8;
  Shape cells;
  for (const std::int64_t side : size) {
    std::int64_t n = std::min(most, side);
    while (n > least && side % n != 0) --n;
    cells.push_back(side % n == 0 ? n : std::min(most, side));
  }
  return cells;
}

FloatArray on_cells(const FloatArray& maps, Channels channels, const Shape& cells) {
  const std::size_t n_lead = maps.shape.size() - cells.size();
  Shape flat{1};
  double pixels_a_cell = 1;
  Shape shape(maps.shape.begin(), maps.shape.begin() + static_cast<std::ptrdiff_t>(n_lead));
  for (const std::int64_t n : shape) flat[0] *= n;
  for (std::size_t d = 0; d < cells.size(); ++d) {
    flat.push_back(maps.shape[n_lead + d]);
    shape.push_back(cells[d]);
    pixels_a_cell *= static_cast<double>(maps.shape[n_lead + d]) / static_cast<double>(cells[d]);
  }
  const at::NoGradGuard no_graph;
  at::Tensor values = to_tensor({flat, maps.values}).unsqueeze(1);
  values = cells.size() == 3 ? at::adaptive_avg_pool3d(values, cells) : at::adaptive_avg_pool2d(values, cells);
  if (channels == Channels::kSum) values = values * pixels_a_cell;
  FloatArray result = to_array(values);
  result.shape = shape;
  return result;
}

}  // namespace rationale::explain
