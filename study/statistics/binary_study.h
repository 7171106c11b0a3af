// A study of yes/no calls in two arms, every case read by every reader in both: all that its tests need are counts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "study/statistics/mcnemar.h"
#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

/// Calls of one case in one arm, a bit a reader: bit j is 1 where reader j called it positive. Up to 32 readers.
using Calls = std::uint32_t;

/// Whole numbers, hence exact; with a = 0, 1 the arms, s_ak the number of positive calls of case k.
struct BinaryCounts {
  int n_readers = 0, n_cases = 0;
  std::vector<int> positive[2];  ///< of each reader
  std::int64_t both = 0;         ///< readings positive in both arms
  std::int64_t squares[2] = {0, 0}, product = 0;  ///< sum over cases of s_ak^2, and of s_0k s_1k

  std::int64_t total(int arm) const;
  PooledCounts pooled() const;
  /// Positive in the second arm less the first, of each reader.
  std::vector<int> differences() const;
};

/// @param first, second  [cases]; bits from n_readers on are ignored. @pre equal lengths, 2 <= n_readers <= 32
BinaryCounts count_calls(std::span<const Calls> first, std::span<const Calls> second, int n_readers);

/// Covariances over cases of the readers' mean rates of the arms: [0] and [1] variances, [2] their covariance.
/// Divisor n_cases (n_cases - 1).
struct ArmCovariance {
  double variance[2] = {0, 0}, covariance = 0;
};
ArmCovariance arm_covariance(const BinaryCounts& counts);

/// Rates [2, J], and their averaged unbiased covariances: those of covariance_components(covariance_proportion(...)),
/// from counts in O(1) a case instead of O(J^2).
Eigen::MatrixXd rates(const BinaryCounts& counts);
CovarianceComponents covariance_components(const BinaryCounts& counts);

}  // namespace rationale::study
