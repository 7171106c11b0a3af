#include "data/volume/slice_energy.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace rationale {

DepthPlace depth_place(int slice, int n_slices, int map_slices) {
  const double at = std::clamp((slice + 0.5) * map_slices / n_slices - 0.5, 0.0, map_slices - 1.0);
  const int low = static_cast<int>(at);
  return {low, std::min(low + 1, map_slices - 1), at - low};
}

std::vector<double> slice_energy(std::span<const float> map, int map_slices, int n_slices) {
  assert(map_slices > 0 && n_slices > 0);
  const std::size_t size = map.size() / static_cast<std::size_t>(map_slices);
  std::vector<double> cells(static_cast<std::size_t>(map_slices), 0.0);
  for (std::size_t i = 0; i < map.size(); ++i) cells[i / size] += std::max(static_cast<double>(map[i]), 0.0);
  std::vector<double> energy;
  double sum = 0;
  for (int z = 0; z < n_slices; ++z) {
    const DepthPlace place = depth_place(z, n_slices, map_slices);
    energy.push_back(std::lerp(cells[static_cast<std::size_t>(place.low)], cells[static_cast<std::size_t>(place.high)],
                               place.weight));
    sum += energy.back();
  }
  if (sum > 0) {
    for (double& e : energy) e /= sum;
  }
  return energy;
}

int strongest_slice(const std::vector<double>& energy) {
  const auto largest = std::max_element(energy.begin(), energy.end());
  return largest == energy.end() || *largest <= 0 ? -1 : static_cast<int>(largest - energy.begin());
}

}  // namespace rationale
