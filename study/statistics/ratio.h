// The relative change of a rate, second arm over first, with an interval for readers and cases.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <variant>

#include "study/statistics/estimate.h"
#include "study/statistics/nested.h"

namespace rationale::study {

struct Ratio {
  double ratio = 1;                        ///< mean rate of arm 2 / mean rate of arm 1
  double var_arm1 = 0, var_arm2 = 0, cov = 0;  ///< of the two mean rates, readers and cases random
  double se_log = 0;
  std::optional<double> df;  ///< of the quantile; empty: normal
  double lower = 0, upper = 0;
};

/// Log-delta method (statistics.md, section 4):
///   v_i = s_i^2/J + Cov2_i,  v_12 = s_12/J + Cov3
///   Var(log r) = v_1/m_1^2 + v_2/m_2^2 - 2 v_12/(m_1 m_2),  r exp(+- t_df sqrt Var)
/// @param rates       [2, J], J >= 2
/// @param covariance  [2J, 2J], arm-major
/// @param df          df_H of the RRRC analysis of the same rates
/// @return  NotEstimable "zero_rate" (estimate 0 if only the second arm's rate is 0), or
///          "negative_variance" (with estimate = the ratio)
std::variant<Ratio, NotEstimable> rate_ratio(const Eigen::MatrixXd& rates,
                                             const Eigen::MatrixXd& covariance,
                                             std::optional<double> df);

/// The same of readers nested in arms, by the pooled mean squares of nested.h:
///   v_i = MS(R(T))/n_i + max(Cov2, Cov3),  v_12 = Cov3,  df: Satterthwaite's for the readers' part
/// @pre two arms; @throws as nested_readers
std::variant<Ratio, NotEstimable> nested_rate_ratio(const NestedReaders& readers);

}  // namespace rationale::study
