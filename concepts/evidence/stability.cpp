#include "concepts/evidence/stability.h"

#include "concepts/training/patterns.h"

namespace rationale::concepts {

Eigen::MatrixXd resampled_patterns(const Eigen::MatrixXd& activations,
                                   const Eigen::MatrixXd& labels, const Eigen::MatrixXd& strata,
                                   double rho, const RowIndices& rows) {
  return multivariate_patterns(take_rows(activations, rows), take_rows(labels, rows),
                               take_rows(strata, rows), rho);
}

Eigen::RowVectorXd column_cosines(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  Eigen::RowVectorXd cosines(a.cols());
  for (Eigen::Index k = 0; k < a.cols(); ++k) {
    const double norms = a.col(k).norm() * b.col(k).norm();
    cosines(k) = norms > 0 ? a.col(k).dot(b.col(k)) / norms : 0;
  }
  return cosines;
}

std::optional<double> cohen_kappa(const std::vector<int>& first, const std::vector<int>& second) {
  const double n = static_cast<double>(first.size());
  if (first.empty()) return std::nullopt;
  double agree = 0, first_present = 0, second_present = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    agree += first[i] == second[i] ? 1 : 0;
    first_present += first[i];
    second_present += second[i];
  }
  const double observed = agree / n;
  const double chance = (first_present * second_present +
                         (n - first_present) * (n - second_present)) / (n * n);
  if (chance >= 1) return std::nullopt;
  return (observed - chance) / (1 - chance);
}

}  // namespace rationale::concepts
