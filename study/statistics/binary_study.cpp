#include "study/statistics/binary_study.h"

#include <bit>
#include <numeric>

namespace rationale::study {
namespace {

double as_double(std::int64_t n) { return static_cast<double>(n); }

}  // namespace

std::int64_t BinaryCounts::total(int arm) const {
  return std::accumulate(positive[arm].begin(), positive[arm].end(), std::int64_t{0});
}

PooledCounts BinaryCounts::pooled() const {
  PooledCounts counts;
  for (int arm = 0; arm < 2; ++arm) {
    counts.positive[arm] = as_double(total(arm));
    counts.read[arm] = static_cast<double>(n_readers) * n_cases;
  }
  counts.pairs = {static_cast<int>(total(0) - both), static_cast<int>(total(1) - both)};
  return counts;
}

std::vector<int> BinaryCounts::differences() const {
  std::vector<int> result;
  for (std::size_t j = 0; j < positive[0].size(); ++j) result.push_back(positive[1][j] - positive[0][j]);
  return result;
}

BinaryCounts count_calls(std::span<const Calls> first, std::span<const Calls> second, int n_readers) {
  const Calls readers = n_readers < 32 ? (Calls{1} << n_readers) - 1 : ~Calls{0};
  BinaryCounts counts{.n_readers = n_readers, .n_cases = static_cast<int>(first.size())};
  for (int arm = 0; arm < 2; ++arm) {
    const std::span<const Calls> calls = arm == 0 ? first : second;
    auto& positive = counts.positive[arm];
    positive.assign(static_cast<std::size_t>(n_readers), 0);
    for (const Calls one : calls) {
      for (std::size_t j = 0; j < positive.size(); ++j) positive[j] += static_cast<int>((one >> j) & 1U);
    }
  }
  for (std::size_t k = 0; k < first.size(); ++k) {
    const Calls a = first[k] & readers, b = second[k] & readers;
    const std::int64_t n_a = std::popcount(a), n_b = std::popcount(b);
    counts.squares[0] += n_a * n_a;
    counts.squares[1] += n_b * n_b;
    counts.product += n_a * n_b;
    counts.both += std::popcount(a & b);
  }
  return counts;
}

ArmCovariance arm_covariance(const BinaryCounts& c) {
  const double n = c.n_cases, j = c.n_readers;
  const double scale = n * (n - 1) * j * j;
  const double total[2] = {as_double(c.total(0)), as_double(c.total(1))};
  ArmCovariance result;
  for (int arm = 0; arm < 2; ++arm) {
    result.variance[arm] = (as_double(c.squares[arm]) - total[arm] * total[arm] / n) / scale;
  }
  result.covariance = (as_double(c.product) - total[0] * total[1] / n) / scale;
  return result;
}

Eigen::MatrixXd rates(const BinaryCounts& c) {
  Eigen::MatrixXd result(2, c.n_readers);
  for (Eigen::Index j = 0; j < result.cols(); ++j) {
    for (int arm = 0; arm < 2; ++arm) {
      result(arm, j) = static_cast<double>(c.positive[arm][static_cast<std::size_t>(j)]) / c.n_cases;
    }
  }
  return result;
}

CovarianceComponents covariance_components(const BinaryCounts& c) {
  // S_ab = (sum x_a x_b - n_a n_b / n) / (n (n - 1)): sums of products and of n_a n_b over the wanted pairs of cells.
  const double n = c.n_cases, j = c.n_readers;
  const double scale = n * (n - 1);
  const double total[2] = {as_double(c.total(0)), as_double(c.total(1))};
  double own = 0, own_product = 0, squares = 0, total_squares = 0;
  for (std::size_t reader = 0; reader < c.positive[0].size(); ++reader) {
    const double a = c.positive[0][reader], b = c.positive[1][reader];
    own += a * a + b * b;
    own_product += a * b;
  }
  for (int arm = 0; arm < 2; ++arm) {
    squares += as_double(c.squares[arm]);
    total_squares += total[arm] * total[arm];
  }
  const double calls = total[0] + total[1], both = as_double(c.both);
  CovarianceComponents result;
  result.var = (calls - own / n) / (scale * 2 * j);
  result.cov1 = (both - own_product / n) / (scale * j);
  if (c.n_readers < 2) return result;
  const double pairs = j * (j - 1);
  result.cov2 = (squares - calls - (total_squares - own) / n) / (scale * 2 * pairs);
  result.cov3 = (as_double(c.product) - both - (total[0] * total[1] - own_product) / n) / (scale * pairs);
  return result;
}

}  // namespace rationale::study
