#include "study/statistics/ratio.h"

#include <cmath>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

namespace {

/// @param var_arm1, var_arm2, cov  of the two mean rates
std::variant<Ratio, NotEstimable> ratio_of(const Eigen::Vector2d& mean, double var_arm1, double var_arm2, double cov,
                                           std::optional<double> df) {
  Ratio result{.ratio = mean(1) / mean(0), .var_arm1 = var_arm1, .var_arm2 = var_arm2, .cov = cov};
  const double variance = var_arm1 / (mean(0) * mean(0)) + var_arm2 / (mean(1) * mean(1)) - 2 * cov / (mean(0) * mean(1));
  if (variance <= 1e-24) {
    return NotEstimable{"negative_variance", "the variance of the log ratio is not positive", result.ratio, variance};
  }
  result.se_log = std::sqrt(variance);
  result.df = df;
  const double half_width = upper_quantile(df) * result.se_log;
  result.lower = result.ratio * std::exp(-half_width);
  result.upper = result.ratio * std::exp(half_width);
  return result;
}

std::optional<NotEstimable> zero_rate(const Eigen::Vector2d& mean) {
  if (mean(0) == 0) return NotEstimable{"zero_rate", "the rate is 0 in the first arm: a ratio is undefined", {}, {}};
  if (mean(1) == 0) return NotEstimable{"zero_rate", "the rate is 0 in the second arm: no interval of a logarithm", 0.0, {}};
  return std::nullopt;
}

}  // namespace

std::variant<Ratio, NotEstimable> rate_ratio(const Eigen::MatrixXd& rates,
                                             const Eigen::MatrixXd& covariance,
                                             std::optional<double> df) {
  const Eigen::Index n_readers = rates.cols();
  const auto n = static_cast<double>(n_readers);
  const Eigen::Vector2d mean = rates.rowwise().mean();
  if (const auto why = zero_rate(mean)) return *why;
  const Eigen::MatrixXd centred = rates.colwise() - mean;
  const Eigen::MatrixXd spread = centred * centred.transpose() / ((n - 1) * n);
  const auto between = [&](Eigen::Index a, Eigen::Index b) {
    return spread(a, b) + mean_between_readers(covariance, n_readers, a, b);
  };
  return ratio_of(mean, between(0, 0), between(1, 1), between(0, 1), df);
}

std::variant<Ratio, NotEstimable> rate_ratio(const NestedReaders& readers, std::optional<double> df) {
  std::vector<int> members[2];
  for (std::size_t j = 0; j < readers.arm.size(); ++j) members[readers.arm[j]].push_back(static_cast<int>(j));
  Eigen::Vector2d mean;
  double variance[2];
  for (int arm = 0; arm < 2; ++arm) {
    const auto& own = members[arm];
    const auto n = static_cast<double>(own.size());
    if (own.size() < 2) return NotEstimable{"one_reader_per_arm", "an arm with one reader has no spread between readers", {}, {}};
    const Eigen::VectorXd rates = readers.theta(own);
    const Eigen::MatrixXd covariance = readers.covariance(own, own);
    mean(arm) = rates.mean();
    variance[arm] = (rates.array() - rates.mean()).square().sum() / ((n - 1) * n) +
                    (covariance.sum() - covariance.trace()) / (n * (n - 1));
  }
  if (const auto why = zero_rate(mean)) return *why;
  return ratio_of(mean, variance[0], variance[1], readers.covariance(members[0], members[1]).mean(), df);
}

}  // namespace rationale::study
