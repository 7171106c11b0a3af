#include "explain/quality/similarity.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "explain/quality/ranks.h"

namespace rationale::explain {
namespace {

constexpr int kWindow = 7;
constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

Measure correlation(std::vector<double> a, std::vector<double> b) {
  const auto centre = [](std::vector<double>& values) {
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    for (double& value : values) value -= mean;
  };
  centre(a);
  centre(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  const double scale = std::sqrt(aa) * std::sqrt(bb);
  if (!(scale > 0)) return not_estimable("flat_map", "one of the two maps is constant");
  return measured(std::clamp(ab / scale, -1.0, 1.0));
}

std::vector<double> as_double(std::span<const float> values) { return {values.begin(), values.end()}; }

/// max(m,0) / max(m); zeros stay zeros.
std::vector<double> by_maximum(const Plane& map) {
  std::vector<double> values;
  values.reserve(map.values.size());
  double largest = 0;
  for (const float value : map.values) {
    values.push_back(std::max(value, 0.0F));
    largest = std::max(largest, values.back());
  }
  for (double& value : values) value = largest > 0 ? value / largest : 0;
  return values;
}

/// (1 + m / max|m|) / 2; zero is one half.
std::vector<double> about_one_half(const Plane& map) {
  double largest = 0;
  for (const float value : map.values) largest = std::max(largest, static_cast<double>(std::abs(value)));
  std::vector<double> values;
  values.reserve(map.values.size());
  for (const float value : map.values) values.push_back(largest > 0 ? (1 + value / largest) / 2 : 0.5);
  return values;
}

/// Sums over all whole windows, first along the rows, then down the columns: [rows - 6] x [cols - 6].
std::vector<double> window_sums(const std::vector<double>& values, std::size_t rows, std::size_t cols) {
  const std::size_t n_across = cols - kWindow + 1, n_down = rows - kWindow + 1;
  std::vector<double> across(rows * n_across, 0), sums(n_down * n_across, 0);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t col = 0; col < n_across; ++col) {
      for (std::size_t k = 0; k < kWindow; ++k) across[row * n_across + col] += values[row * cols + col + k];
    }
  }
  for (std::size_t row = 0; row < n_down; ++row) {
    for (std::size_t k = 0; k < kWindow; ++k) {
      for (std::size_t col = 0; col < n_across; ++col) sums[row * n_across + col] += across[(row + k) * n_across + col];
    }
  }
  return sums;
}

std::vector<double> products(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> values(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) values[i] = a[i] * b[i];
  return values;
}

Measure mean_similarity(const std::vector<double>& a, const std::vector<double>& b, int n_rows, int n_cols) {
  if (n_rows < kWindow || n_cols < kWindow) {
    return not_estimable("too_small", "structural similarity needs 7 x 7 pixels");
  }
  const auto rows = static_cast<std::size_t>(n_rows), cols = static_cast<std::size_t>(n_cols);
  const std::vector<double> sum_a = window_sums(a, rows, cols), sum_b = window_sums(b, rows, cols);
  const std::vector<double> sum_aa = window_sums(products(a, a), rows, cols);
  const std::vector<double> sum_bb = window_sums(products(b, b), rows, cols);
  const std::vector<double> sum_ab = window_sums(products(a, b), rows, cols);
  constexpr double n = kWindow * kWindow;
  constexpr double unbiased = n / (n - 1);
  double total = 0;
  for (std::size_t i = 0; i < sum_a.size(); ++i) {
    const double mean_a = sum_a[i] / n, mean_b = sum_b[i] / n;
    const double var_a = (sum_aa[i] / n - mean_a * mean_a) * unbiased;
    const double var_b = (sum_bb[i] / n - mean_b * mean_b) * unbiased;
    const double covariance = (sum_ab[i] / n - mean_a * mean_b) * unbiased;
    total += (2 * mean_a * mean_b + kC1) * (2 * covariance + kC2) /
             ((mean_a * mean_a + mean_b * mean_b + kC1) * (var_a + var_b + kC2));
  }
  return measured(total / static_cast<double>(sum_a.size()));
}

}  // namespace

Measure spearman(std::span<const float> a, std::span<const float> b) { return correlation(mid_ranks(a), mid_ranks(b)); }

Measure pearson(std::span<const float> a, std::span<const float> b) { return correlation(as_double(a), as_double(b)); }

Measure ssim(const Plane& a, const Plane& b) { return mean_similarity(by_maximum(a), by_maximum(b), a.rows, a.cols); }

Measure signed_ssim(const Plane& a, const Plane& b) {
  return mean_similarity(about_one_half(a), about_one_half(b), a.rows, a.cols);
}

Measure relative_change(std::span<const float> map, std::span<const float> other) {
  double moved = 0, size = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const double value = map[i], change = other[i] - value;
    moved += change * change;
    size += value * value;
  }
  if (!(size > 0)) return not_estimable("no_positive_evidence", "the map has no positive value");
  return measured(std::sqrt(moved / size));
}

}  // namespace rationale::explain
