#include "study/statistics/ratio.h"

#include <cmath>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

std::variant<Ratio, NotEstimable> rate_ratio(const Eigen::MatrixXd& rates,
                                             const Eigen::MatrixXd& covariance,
                                             std::optional<double> df) {
  const Eigen::Index n_readers = rates.cols();
  const auto n = static_cast<double>(n_readers);
  const Eigen::Vector2d mean = rates.rowwise().mean();
  if (mean(0) == 0) {
    return NotEstimable{"zero_rate", "the rate is 0 in the first arm: a ratio is undefined", {}, {}};
  }
  if (mean(1) == 0) {
    return NotEstimable{"zero_rate", "the rate is 0 in the second arm: no interval of a logarithm",
                        0.0, {}};
  }
  const Eigen::MatrixXd centred = rates.colwise() - mean;
  const Eigen::MatrixXd spread = centred * centred.transpose() / ((n - 1) * n);
  const auto between = [&](Eigen::Index a, Eigen::Index b) {
    return spread(a, b) + mean_between_readers(covariance, n_readers, a, b);
  };
  Ratio result;
  result.ratio = mean(1) / mean(0);
  result.var_arm1 = between(0, 0);
  result.var_arm2 = between(1, 1);
  result.cov = between(0, 1);
  const double variance = result.var_arm1 / (mean(0) * mean(0)) +
                          result.var_arm2 / (mean(1) * mean(1)) -
                          2 * result.cov / (mean(0) * mean(1));
  if (variance <= 1e-24) {
    return NotEstimable{"negative_variance", "the variance of the log ratio is not positive",
                        result.ratio, variance};
  }
  result.se_log = std::sqrt(variance);
  result.df = df;
  const double half_width = upper_quantile(df) * result.se_log;
  result.lower = result.ratio * std::exp(-half_width);
  result.upper = result.ratio * std::exp(half_width);
  return result;
}

}  // namespace rationale::study
