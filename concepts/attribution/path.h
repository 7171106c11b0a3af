// Path gradients: the mean gradient on the straight way from a baseline to the activation.
#pragma once

#include <Eigen/Core>

#include "concepts/attribution/suffix.h"

namespace rationale::concepts {

/// IG = mean_m grad g(h0 + t_m (h - h0)), t_m = (m - 1/2) / M, for each row of h, [N, D].
/// @param baseline  h0 [D]
Eigen::MatrixXd path_gradients(const Suffix& suffix, const Eigen::MatrixXd& features,
                               const Eigen::RowVectorXd& baseline, int midpoints,
                               Eigen::Index output);

/// dc_k A_k . IG, [N, K]: as good as the what-if and cheaper; residual = f - f0 - sum.
Eigen::MatrixXd path_contributions(const Eigen::MatrixXd& path_gradients,
                                   const Eigen::MatrixXd& patterns,
                                   const Eigen::MatrixXd& changes);

}  // namespace rationale::concepts
