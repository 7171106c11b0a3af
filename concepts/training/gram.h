// Centred activations and their Gram matrix: one n x n matrix serves every concept, fold and resample.
// Rows are images, columns features; all in double.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace rationale::concepts {

using RowIndices = std::vector<Eigen::Index>;

/// Hc = H - mean, and tau = sqrt(mean(Hc^2)): one scalar for all columns, because scaling each column by its
/// own deviation would change the meaning of directions.
struct CentredActivations {
  Eigen::MatrixXd values;   ///< Hc [n, D]
  Eigen::RowVectorXd mean;  ///< mu [D]
  double scale = 1;         ///< tau > 0; 1 where all values are equal
};

/// @throws Error (kInput) if `activations` [n, D] is empty or holds a value that is not finite
CentredActivations centre(const Eigen::MatrixXd& activations);

/// G = Hc Hc^T [n, n].
Eigen::MatrixXd gram(const Eigen::MatrixXd& centred);

/// The kernel of a fold, centred by its training rows: train = J G[T,T] J with J = I - 11^T/|T|, test =
/// (G[s,T] - mean over T) - (row means of G[T,T]) + (grand mean). No training set leaks into its own test.
struct FoldKernel {
  Eigen::MatrixXd train;  ///< [T, T]
  Eigen::MatrixXd test;   ///< [s, T]
};
FoldKernel fold_kernel(const Eigen::MatrixXd& gram, const RowIndices& train,
                       const RowIndices& test);

/// Rows `rows` of `matrix`.
Eigen::MatrixXd take_rows(const Eigen::MatrixXd& matrix, const RowIndices& rows);
Eigen::VectorXd take_rows(const Eigen::VectorXd& vector, const RowIndices& rows);

}  // namespace rationale::concepts
