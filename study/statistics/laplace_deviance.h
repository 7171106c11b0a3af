// The deviance of a logistic model with crossed random effects of cases and readers, and its gradient.
#pragma once

#include <Eigen/Dense>

#include "study/statistics/mixed_data.h"

namespace rationale::study {

/// Laplace's approximation (Bates et al. 2015), with eta = X beta + t_case u_case + t_reader u_reader, u ~ N(0, I):
///
///   d(theta) = 2 P(u) + log |H|,   P = sum [log(1 + e^eta) - y eta] + u'u/2,   H = d2P/du2,   u where P is least
///
/// theta = [t_case, t_reader, beta]. The gradient is exact; as dP/du = 0, only log |H| moves with u:
///   d' = 2 dP + d log|H| - s' d2P/(du dtheta),   H s = d log|H| / du
/// H is diagonal in the cases and small in the readers, so cases are eliminated first: a call costs O(N + K J^2) for
/// N readings, K cases and J readers. Keeps u as the start of the next call, and its work space: one object a thread.
class LaplaceDeviance {
 public:
  /// @pre  data.y is 0 or 1; `data` outlives the object
  explicit LaplaceDeviance(const MixedData& data);

  double value(const Eigen::VectorXd& theta);
  Eigen::VectorXd gradient(const Eigen::VectorXd& theta);

 private:
  using ByCase = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  ///< [K, J]

  double penalised();
  double newton_step();
  double at_mode();

  const MixedData& data_;
  Eigen::VectorXd theta_;  ///< of the last call
  double t_case_ = 0, t_reader_ = 0, deviance_ = 0, log_det_ = 0;
  Eigen::VectorXd u_case_, u_reader_;
  Eigen::ArrayXd fixed_, eta_, tail_, excess_, weight_;  ///< [N]; excess: mu - y, weight: mu (1 - mu)
  Eigen::VectorXd g_case_, g_reader_, d_case_, d_reader_, step_case_, step_reader_;
  ByCase coupling_, scaled_;  ///< of H: cases x readers, and divided by the cases' diagonal
  Eigen::LLT<Eigen::MatrixXd> readers_;  ///< of H: what is left for the readers
};

}  // namespace rationale::study
