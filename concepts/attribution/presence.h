// From a filter's score to the probability that the concept is present (Platt scaling).
#pragma once

#include <Eigen/Core>
#include <vector>

namespace rationale::concepts {

/// p = 1 / (1 + exp(-(a s + b))).
struct Platt {
  double a = 0;
  double b = 0;

  double presence(double score) const;
};

/// Maximum likelihood with Platt's smoothed targets, t+ = (N+ + 1) / (N+ + 2) and t- = 1 / (N- + 2), which
/// keep a and b finite for separable scores (Platt 1999; Newton's method, halved where it overshoots).
/// @param scores  out-of-fold: in-sample scores would make presence look certain
/// @param labels  1 or 0
/// @throws Error (kInput) if one of the two kinds is missing
Platt fit_platt(const Eigen::VectorXd& scores, const Eigen::VectorXd& labels);

/// Presence of each column of `scores` [n, K], [n, K]. @pre calibrations.size() == K
Eigen::MatrixXd presences(const Eigen::MatrixXd& scores, const std::vector<Platt>& calibrations);

}  // namespace rationale::concepts
