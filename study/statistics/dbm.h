// Dorfman, Berbaum & Metz 1992: the analysis of variance of jackknife pseudovalues. Its F and degrees of freedom
// (with Hillis's) equal those of Obuchowski-Rockette with the jackknife covariance.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "study/statistics/estimate.h"

namespace rationale::study {

struct Dbm {
  double arm = 0, reader = 0, cases = 0, arm_reader = 0, arm_case = 0, reader_case = 0, rest = 0;  ///< mean squares
  double var_reader = 0, var_case = 0, var_arm_reader = 0, var_arm_case = 0, var_reader_case = 0, var_error = 0;
  std::optional<double> f;    ///< readers and cases random; empty without an error term
  double df1 = 0;
  std::optional<double> df2;  ///< empty: infinite
  double p = 1, se = 0;       ///< of a difference of two arms
};

/// @param theta    [arms, readers], two or more of each
/// @param without  [arms x readers, cases], arm-major: the figure of merit without each case (or patient)
Dbm dbm(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& without);

}  // namespace rationale::study
