#include "concepts/attribution/path.h"

namespace rationale::concepts {

Eigen::MatrixXd path_gradients(const Suffix& suffix, const Eigen::MatrixXd& features,
                               const Eigen::RowVectorXd& baseline, int midpoints,
                               Eigen::Index output) {
  const Eigen::MatrixXd way = features.rowwise() - baseline;
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(features.rows(), features.cols());
  for (int m = 0; m < midpoints; ++m) {
    const double t = (m + 0.5) / midpoints;
    sum += suffix.gradient((t * way).rowwise() + baseline, output);
  }
  return sum / midpoints;
}

Eigen::MatrixXd path_contributions(const Eigen::MatrixXd& path_gradients,
                                   const Eigen::MatrixXd& patterns,
                                   const Eigen::MatrixXd& changes) {
  return changes.cwiseProduct(path_gradients * patterns);
}

}  // namespace rationale::concepts
