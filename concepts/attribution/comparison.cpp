#include "concepts/attribution/comparison.h"

#include <Eigen/QR>
#include <cmath>

#include "concepts/attribution/shapley.h"

namespace rationale::concepts {

Eigen::MatrixXd unit_columns(const Eigen::MatrixXd& directions) {
  Eigen::MatrixXd unit = directions;
  for (Eigen::Index k = 0; k < unit.cols(); ++k) {
    const double norm = unit.col(k).norm();
    if (norm > 0) unit.col(k) /= norm;
  }
  return unit;
}

Eigen::RowVectorXd tcav_scores(const Eigen::MatrixXd& directional_derivatives) {
  return (directional_derivatives.array() > 0).cast<double>().colwise().mean();
}

std::optional<double> bidirectional_relevance(double r2_cv, const Eigen::VectorXd& sensitivities) {
  const double mean = sensitivities.mean();
  const double deviation = std::sqrt((sensitivities.array() - mean).square().mean());
  if (deviation <= 1e-12) return std::nullopt;
  return r2_cv * mean / deviation;
}

Eigen::MatrixXd joint_least_squares(const Eigen::MatrixXd& unit_filters,
                                    const Eigen::MatrixXd& differences,
                                    const Eigen::MatrixXd& path_gradients) {
  const Eigen::MatrixXd amounts =
      unit_filters.completeOrthogonalDecomposition().solve(differences.transpose()).transpose();
  return amounts.cwiseProduct(path_gradients * unit_filters);
}

Eigen::MatrixXd subspace_shapley(const Suffix& suffix, const Eigen::MatrixXd& unit_filters,
                                 const Eigen::MatrixXd& features,
                                 const Eigen::RowVectorXd& baseline, Eigen::Index output) {
  const Eigen::Index n_subsets = Eigen::Index{1} << unit_filters.cols();
  const Eigen::MatrixXd differences = features.rowwise() - baseline;
  Eigen::MatrixXd values(features.rows(), n_subsets);
  for (Eigen::Index subset = 0; subset < n_subsets; ++subset) {
    Eigen::MatrixXd inside(unit_filters.rows(), 0);
    for (Eigen::Index k = 0; k < unit_filters.cols(); ++k) {
      if ((subset >> k & 1) == 0) continue;
      inside.conservativeResize(Eigen::NoChange, inside.cols() + 1);
      inside.rightCols(1) = unit_filters.col(k);
    }
    Eigen::MatrixXd projected = Eigen::MatrixXd::Zero(features.rows(), features.cols());
    if (inside.cols() > 0) {
      const Eigen::HouseholderQR<Eigen::MatrixXd> qr(inside);
      const Eigen::MatrixXd q =
          qr.householderQ() * Eigen::MatrixXd::Identity(inside.rows(), inside.cols());
      projected = (differences * q) * q.transpose();
    }
    values.col(subset) = suffix.value(projected.rowwise() + baseline).col(output);
  }
  return shapley_values(values);
}

}  // namespace rationale::concepts
