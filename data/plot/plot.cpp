#include "data/plot/plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace rationale {

std::vector<double> round_ticks(double lower, double upper, int at_most) {
  std::vector<double> ticks;
  if (!(upper > lower)) return {lower};
  for (double power = std::pow(10, std::floor(std::log10((upper - lower) / at_most)));;
       power *= 10) {
    for (const double step : {1.0, 2.0, 2.5, 5.0}) {
      const double distance = step * power;
      const double first = std::ceil(lower / distance - 1e-9);
      const double last = std::floor(upper / distance + 1e-9);
      if (last - first + 1 > at_most) continue;
      // Counted: beyond 2^53 adding 1 changes nothing.
      for (int k = 0; k <= static_cast<int>(last - first); ++k) ticks.push_back((first + k) * distance);
      return ticks;
    }
  }
}

double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value) + 1e-9));
  for (const double step : {1.0, 2.0, 3.0, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

std::vector<double> keep_apart(const std::vector<double>& wanted, double distance, double lower,
                               double upper) {
  const std::size_t n = wanted.size();
  if (n == 0) return {};
  if (n > 1) distance = std::min(distance, (upper - lower) / static_cast<double>(n - 1));
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });

  // With z_i = y_i - i * distance the rule is "z does not fall": isotonic regression by pooling.
  struct Block {
    double sum;
    std::size_t n;
    double mean() const { return sum / static_cast<double>(n); }
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < n; ++i) {
    blocks.push_back({wanted[order[i]] - static_cast<double>(i) * distance, 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
      blocks[blocks.size() - 2].sum += blocks.back().sum;
      blocks[blocks.size() - 2].n += blocks.back().n;
      blocks.pop_back();
    }
  }
  const double highest = upper - static_cast<double>(n - 1) * distance;
  std::vector<double> positions(n);
  std::size_t i = 0;
  for (const Block& block : blocks) {
    const double z = std::clamp(block.mean(), lower, std::max(lower, highest));
    for (std::size_t k = 0; k < block.n; ++k, ++i) {
      positions[order[i]] = z + static_cast<double>(i) * distance;
    }
  }
  return positions;
}

void settle_labels(Plot& plot, const std::string& group, double distance, double lower,
                   double upper) {
  std::vector<PlotLabel*> labels;
  std::vector<double> wanted;
  for (PlotMark& mark : plot.marks) {
    auto* label = std::get_if<PlotLabel>(&mark);
    if (label == nullptr || label->group != group) continue;
    labels.push_back(label);
    wanted.push_back(label->y);
  }
  const std::vector<double> settled = keep_apart(wanted, distance, lower, upper);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i]->y = settled[i];
}

}  // namespace rationale
