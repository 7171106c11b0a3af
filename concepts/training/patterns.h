// Patterns: what a concept does to the activations. Filters read, patterns attribute (Haufe et al.,
// NeuroImage 2014): a filter also cancels noise, so subtracting it would not remove the concept.
#pragma once

#include <Eigen/Core>

namespace rationale::concepts {

/// mean(H | c = 1) - mean(H | c = 0), [D, K]; equals cov(H, c) / var(c) for 0/1 labels.
/// @throws Error (kInput) if a concept is present, or absent, in every row
Eigen::MatrixXd mean_differences(const Eigen::MatrixXd& activations, const Eigen::MatrixXd& labels);

/// cov(H, s_k) / var(s_k), s = Hc W: univariate Haufe patterns of filters W [D, K]; [D, K].
Eigen::MatrixXd haufe_patterns(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& filters);

/// Sigma_H W Sigma_s^-1, [D, K]: the same for all filters together.
Eigen::MatrixXd joint_haufe_patterns(const Eigen::MatrixXd& centred,
                                     const Eigen::MatrixXd& filters);

/// [A | Az] = argmin |Hc - Cc A^T - Zc Az^T|^2 + rho |A|^2, A [D, K]: the mean change of the activation
/// when concept k appears, with the other annotated concepts and the strata held fixed. Univariate patterns
/// named a merely correlated confounder in 90-97 % of cases; these do not.
///
/// @param labels  [n, K]; @param strata  dummy columns [n, S], S may be 0, no intercept, full column rank
/// @param rho     ridge on A only; 0 = least squares (then labels and strata must not be collinear)
Eigen::MatrixXd multivariate_patterns(const Eigen::MatrixXd& activations,
                                      const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                      double rho);

/// X [K, n] with A^T = X Hc: the weights by which multivariate_patterns mixes rows. The rows of X sum to 0.
Eigen::MatrixXd pattern_weights(const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                double rho);

}  // namespace rationale::concepts
