// Ridge regression of labels (or a measure) on activations, in closed form from the Gram matrix.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "concepts/training/gram.h"

namespace rationale::concepts {

/// lambda = factor * trace(G) / n: in units of the activations' own variance.
double ridge_lambda(const Eigen::MatrixXd& gram, double factor);

/// W = Hc^T (G + lambda I)^-1 T = (Hc^T Hc + lambda I)^-1 Hc^T T, [D, K]; `targets` T [n, K] centred.
Eigen::MatrixXd ridge_filters(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& gram,
                              const Eigen::MatrixXd& targets, double lambda);

/// Scores of each fold's rows by filters of the other folds: (h - mean of training rows).w + mean of training
/// targets, [n, K]. @param folds  fold of each row
Eigen::MatrixXd out_of_fold_scores(const Eigen::MatrixXd& gram, const Eigen::MatrixXd& targets,
                                   const std::vector<int>& folds, double lambda);

/// As above with lambda chosen inside each training set and for each target, from `factors` x
/// trace(G_T) / |T|, by the smallest summed squared error of its inner folds (the other folds); ties to the
/// larger factor. One eigendecomposition a pair of folds serves all targets and factors.
struct NestedScores {
  Eigen::MatrixXd scores;            ///< [n, K]
  std::vector<double> final_factors; ///< [K], of all rows: the smallest error over all folds
  Eigen::MatrixXd final_scores;      ///< [n, K], out-of-fold with them: for calibration
};
NestedScores nested_ridge_scores(const Eigen::MatrixXd& gram, const Eigen::MatrixXd& targets,
                                 const std::vector<int>& folds,
                                 const std::vector<double>& factors);

/// 1 - sum (y - p)^2 / sum (y - mean y)^2; 0 where y does not vary.
double r_squared(const Eigen::VectorXd& y, const Eigen::VectorXd& predicted);

/// {1e-3, 1e-2, 0.1, 1, 10}, the grid of docs/concepts.md.
const std::vector<double>& ridge_factors();

}  // namespace rationale::concepts
