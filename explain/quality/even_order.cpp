#include "explain/quality/even_order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "data/samples/stream.h"

namespace rationale::explain {

std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint64_t purpose) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  samples::Stream stream(seed, n, purpose);
  for (std::size_t i = n; i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(stream.uniform() * static_cast<double>(i))]);
  }
  return order;
}

std::vector<std::size_t> even_order(std::span<const std::int64_t> strata, std::uint64_t seed, std::uint64_t purpose) {
  std::map<std::int64_t, std::size_t> n_of_stratum;
  std::vector<std::tuple<std::size_t, std::int64_t, std::size_t>> turns;  // turn, stratum, item
  for (const std::size_t item : shuffled_order(strata.size(), seed, purpose)) {
    turns.emplace_back(n_of_stratum[strata[item]]++, strata[item], item);
  }
  std::ranges::sort(turns);
  std::vector<std::size_t> order;
  for (const auto& turn : turns) order.push_back(std::get<2>(turn));
  return order;
}

}  // namespace rationale::explain
