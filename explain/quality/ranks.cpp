#include "explain/quality/ranks.h"

#include <algorithm>
#include <numeric>

namespace rationale::explain {
namespace {

std::vector<std::size_t> positions(std::size_t n) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

std::vector<std::size_t> rank_order(std::span<const float> map) {
  std::vector<std::size_t> order = positions(map.size());
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return map[a] > map[b]; });
  return order;
}

std::vector<double> mid_ranks(std::span<const float> values) {
  std::vector<std::size_t> order = positions(values.size());
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    const double shared = (static_cast<double>(first) + 1 + static_cast<double>(last)) / 2;
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = shared;
    first = last;
  }
  return ranks;
}

bool is_flat(std::span<const float> map) {
  return std::all_of(map.begin(), map.end(), [&](float value) { return value == map.front(); });
}

}  // namespace rationale::explain
