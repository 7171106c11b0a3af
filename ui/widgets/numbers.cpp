#include "ui/widgets/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace rationale::ui {

std::string plain_number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
  return value < 0 && !is_zero ? "−" + text : text;
}

std::string signed_number(double value, int decimals) {
  const std::string text = plain_number(value, decimals);
  const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
  return value > 0 && !is_zero ? "+" + text : text;
}

std::vector<double> rounded_to_sum(const std::vector<double>& parts, double total, int decimals) {
  const double unit = std::pow(10.0, decimals);
  std::vector<double> floors, remainders;
  for (const double part : parts) {
    floors.push_back(std::floor(part * unit));
    remainders.push_back(part * unit - floors.back());
  }
  const double missing =
      std::round(total * unit) - std::accumulate(floors.begin(), floors.end(), 0.0);
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  const auto n_up =
      static_cast<std::size_t>(std::clamp(missing, 0.0, static_cast<double>(parts.size())));
  for (std::size_t i = 0; i < n_up; ++i) floors[order[i]] += 1;
  for (double& value : floors) value /= unit;
  return floors;
}

std::vector<double> round_ticks(double low, double high, int most) {
  const double raw = (high - low) / std::max(1, most - 1);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double ratio = raw / power;
  const double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (double k = first; k * step <= high + 1e-9 * step; ++k) ticks.push_back(k * step);
  return ticks;
}

int tick_decimals(const std::vector<double>& ticks) {
  if (ticks.size() < 2) return 2;
  const double step = ticks[1] - ticks[0];
  return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
}

}  // namespace rationale::ui
