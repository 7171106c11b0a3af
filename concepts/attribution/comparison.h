// Methods that others use and that fail, for comparison only: TCAV, the bidirectional relevance of RCV, joint
// least squares, subspace projections. docs/concepts.md says how they fail.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "concepts/attribution/suffix.h"

namespace rationale::concepts {

/// Columns scaled to unit length (zero columns stay).
Eigen::MatrixXd unit_columns(const Eigen::MatrixXd& directions);

/// TCAV: share of rows with a positive directional derivative (ties count 0), per column of [N, K].
/// 0 or 1 for every direction where the head is linear: no information.
Eigen::RowVectorXd tcav_scores(const Eigen::MatrixXd& directional_derivatives);

/// Br = R2_cv mean(S) / std(S) (Graziani et al. 2018; population std). Nothing where std(S) <= 1e-12, as on
/// a linear head.
std::optional<double> bidirectional_relevance(double r2_cv, const Eigen::VectorXd& sensitivities);

/// alpha_k (IG . v_k), alpha = pinv(V) (h - h0): joint least squares on unit filters. "Explains" everything
/// as soon as there are as many directions as features, and gets signs wrong for correlated concepts.
Eigen::MatrixXd joint_least_squares(const Eigen::MatrixXd& unit_filters,
                                    const Eigen::MatrixXd& differences,
                                    const Eigen::MatrixXd& path_gradients);

/// Shapley values of v(S) = g(h0 + P_S (h - h0)), P_S the projector on the filters in S; [N, K].
Eigen::MatrixXd subspace_shapley(const Suffix& suffix, const Eigen::MatrixXd& unit_filters,
                                 const Eigen::MatrixXd& features,
                                 const Eigen::RowVectorXd& baseline, Eigen::Index output);

}  // namespace rationale::concepts
