// How far patterns move when other patients are drawn, and how far readers agree.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "concepts/training/gram.h"

namespace rationale::concepts {

/// Patterns refitted on a resample of the rows (ridge `rho`, see multivariate_patterns), [D, K].
Eigen::MatrixXd resampled_patterns(const Eigen::MatrixXd& activations,
                                   const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                   double rho, const RowIndices& rows);

/// Cosine of column k of `a` with column k of `b`, [K]; 0 where one of them is zero.
Eigen::RowVectorXd column_cosines(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b);

/// Cohen's kappa of two readers' 0/1 labels; nothing without a common image, or where both gave one and the
/// same answer throughout (chance agreement is then complete).
std::optional<double> cohen_kappa(const std::vector<int>& first, const std::vector<int>& second);

}  // namespace rationale::concepts
