#include "concepts/training/patterns.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>

#include "data/base/error.h"

namespace rationale::concepts {

Eigen::MatrixXd mean_differences(const Eigen::MatrixXd& activations,
                                 const Eigen::MatrixXd& labels) {
  const Eigen::RowVectorXd present = labels.colwise().sum();
  const double n = static_cast<double>(labels.rows());
  if ((present.array() <= 0).any() || (present.array() >= n).any()) {
    throw Error(Error::Kind::kInput, "a concept is present, or absent, in every image", "",
                "add examples of the missing kind").with_code("too_few_examples");
  }
  const Eigen::MatrixXd with = (activations.transpose() * labels) *
                               present.cwiseInverse().asDiagonal();
  const Eigen::MatrixXd absent = 1.0 - labels.array();
  const Eigen::MatrixXd without = (activations.transpose() * absent) *
                                  (n - present.array()).inverse().matrix().asDiagonal();
  return with - without;
}

Eigen::MatrixXd haufe_patterns(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& filters) {
  const Eigen::MatrixXd scores = centred * filters;  // columns of mean 0, because Hc is centred
  const Eigen::RowVectorXd energy = scores.colwise().squaredNorm();
  return (centred.transpose() * scores) * energy.cwiseMax(1e-300).cwiseInverse().asDiagonal();
}

Eigen::MatrixXd joint_haufe_patterns(const Eigen::MatrixXd& centred,
                                     const Eigen::MatrixXd& filters) {
  const Eigen::MatrixXd scores = centred * filters;
  const Eigen::MatrixXd covariance = scores.transpose() * scores;
  return covariance.completeOrthogonalDecomposition()
      .solve(scores.transpose() * centred)
      .transpose();
}

Eigen::MatrixXd pattern_weights(const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                double rho) {
  const Eigen::Index k = labels.cols();
  Eigen::MatrixXd design(labels.rows(), k + strata.cols());
  design << labels, strata;
  design.rowwise() -= design.colwise().mean().eval();
  Eigen::MatrixXd normal = design.transpose() * design;
  normal.diagonal().head(k).array() += rho;
  const Eigen::MatrixXd all = normal.completeOrthogonalDecomposition().solve(design.transpose());
  return all.topRows(k);
}

Eigen::MatrixXd multivariate_patterns(const Eigen::MatrixXd& activations,
                                      const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                      double rho) {
  const Eigen::MatrixXd centred = activations.rowwise() - activations.colwise().mean().eval();
  return (pattern_weights(labels, strata, rho) * centred).transpose();
}

}  // namespace rationale::concepts
