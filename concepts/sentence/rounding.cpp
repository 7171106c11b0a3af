#include "concepts/sentence/rounding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace rationale::concepts {

std::vector<long long> round_to_total(const std::vector<double>& terms, long long total,
                                      int decimals) {
  const double unit = std::pow(10.0, -decimals);
  std::vector<long long> units;
  std::vector<double> remainders;
  for (const double term : terms) {
    const double scaled = term / unit;
    units.push_back(static_cast<long long>(std::floor(scaled)));
    remainders.push_back(scaled - std::floor(scaled));
  }
  if (units.empty()) return units;
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return remainders[a] > remainders[b];
  });
  long long missing = total - std::accumulate(units.begin(), units.end(), 0LL);
  for (std::size_t i = 0; missing > 0; i = (i + 1) % order.size(), --missing) ++units[order[i]];
  // The total was rounded below the sum of the floors: take from the smallest remainders first.
  for (std::size_t i = order.size() - 1; missing < 0; i = i == 0 ? order.size() - 1 : i - 1) {
    --units[order[i]];
    ++missing;
  }
  return units;
}

int decimals_for(const std::vector<double>& terms) {
  double largest = 0;
  for (const double term : terms) largest = std::max(largest, std::abs(term));
  int decimals = 1;
  while (largest > 0 && largest < 1 && decimals < 6) {
    largest *= 10;
    ++decimals;
  }
  return decimals;
}

std::string fixed(long long units, int decimals, Sign sign) {
  const long long base = static_cast<long long>(std::llround(std::pow(10.0, decimals)));
  const long long magnitude = std::llabs(units);
  const char* mark = units < 0 ? "−" : sign == Sign::kAlways ? "+" : "";
  if (decimals == 0) return fmt::format("{}{}", mark, magnitude);
  return fmt::format("{}{}.{:0{}}", mark, magnitude / base, magnitude % base, decimals);
}

}  // namespace rationale::concepts
