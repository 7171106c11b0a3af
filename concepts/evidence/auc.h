// Area under the ROC curve with midranks, and its DeLong interval.
#pragma once

#include <Eigen/Core>
#include <optional>

namespace rationale::concepts {

/// (R1 - n1 (n1 + 1) / 2) / (n1 n0), R1 = rank sum of the positives, ties counting one half.
/// Nothing where one of the two kinds is missing. @param labels  1 or 0
std::optional<double> auc(const Eigen::VectorXd& scores, const Eigen::VectorXd& labels);

struct AucInterval {
  double auc = 0;
  double low = 0, high = 0;  ///< 95 %, clipped to [0, 1]
  int n_present = 0, n_absent = 0;
};

/// DeLong, DeLong and Clarke-Pearson, Biometrics 1988, with the normal interval auc +- 1.96 se. Where the
/// groups do not overlap the variance is 0; the bound is then 3 / (size of the smaller group) away (rule of
/// three, Hanley and Lippman-Hand, JAMA 1983): no overlap seen is not no overlap.
/// @return nothing with fewer than 2 of a kind
std::optional<AucInterval> delong_interval(const Eigen::VectorXd& scores,
                                           const Eigen::VectorXd& labels);

/// Midranks, from 1.
Eigen::VectorXd midranks(const Eigen::VectorXd& values);

}  // namespace rationale::concepts
