// Agreement of readers on numbers: intraclass correlations and Kendall's W.
#pragma once

#include <Eigen/Core>
#include <array>
#include <variant>

#include "study/statistics/estimate.h"

namespace rationale::study {

struct Icc {
  double value = 0;  ///< may be negative
  double f = 0, df1 = 0, df2 = 0, p = 1;
  double lower = 0, upper = 0;  ///< 95 %
};

/// Shrout & Fleiss 1979: ICC(1,1), (2,1), (3,1), (1,m), (2,m), (3,m).
struct Iccs {
  std::array<Icc, 6> by_type;
  static constexpr std::array<const char*, 6> kNames{"ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"};
};
/// @param values  [cases, raters], complete
/// @return  NotEstimable "too_few" (two cases and two raters are needed), "zero_variance", "no_interval"
std::variant<Iccs, NotEstimable> intraclass(const Eigen::MatrixXd& values);

struct KendallW {
  double w = 0;             ///< corrected for ties
  double w_uncorrected = 0;
  double chi2 = 0, df = 0, p = 1;  ///< chi2 = m (n-1) W, Friedman's statistic
};
/// @return  NotEstimable "too_few", "all_tied"
std::variant<KendallW, NotEstimable> kendall_w(const Eigen::MatrixXd& values);

}  // namespace rationale::study
