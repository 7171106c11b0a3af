#include "study/statistics/ratio.h"

#include <algorithm>
#include <cmath>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

namespace {

std::optional<NotEstimable> zero_rate(const Eigen::Vector2d& mean) {
  if (mean(0) == 0) {
    return NotEstimable{"zero_rate", "the rate is 0 in the first arm: a ratio is undefined", {}, {}};
  }
  if (mean(1) == 0) {
    return NotEstimable{"zero_rate", "the rate is 0 in the second arm: no interval of a logarithm",
                        0.0, {}};
  }
  return std::nullopt;
}

/// Of the logarithm. @pre the variances of `ratio` are set
double log_variance(const Eigen::Vector2d& mean, const Ratio& ratio) {
  return ratio.var_arm1 / (mean(0) * mean(0)) + ratio.var_arm2 / (mean(1) * mean(1)) -
         2 * ratio.cov / (mean(0) * mean(1));
}

std::variant<Ratio, NotEstimable> with_interval(const Eigen::Vector2d& mean, Ratio result,
                                                std::optional<double> df) {
  result.ratio = mean(1) / mean(0);
  const double variance = log_variance(mean, result);
  // What is left of parts that cancel is rounding.
  const double parts = result.var_arm1 / (mean(0) * mean(0)) + result.var_arm2 / (mean(1) * mean(1));
  if (variance <= std::max(1e-24, 1e-12 * parts)) {
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
  Ratio result;
  result.var_arm1 = between(0, 0);
  result.var_arm2 = between(1, 1);
  result.cov = between(0, 1);
  return with_interval(mean, result, df);
}

std::variant<Ratio, NotEstimable> nested_rate_ratio(const NestedReaders& readers) {
  const NestedResult nested = nested_readers(readers);
  const Eigen::Vector2d mean = nested.arm_mean;
  if (const auto why = zero_rate(mean)) return *why;
  const auto n1 = static_cast<double>(std::ranges::count(readers.arm, 0));
  const auto n2 = static_cast<double>(readers.arm.size()) - n1;
  const double shared = std::max(nested.cov2, nested.cov3), ms = nested.ms_reader;
  Ratio result;
  result.var_arm1 = ms / n1 + shared;
  result.var_arm2 = ms / n2 + shared;
  result.cov = nested.cov3;
  const double of_readers = ms * (1 / (n1 * mean(0) * mean(0)) + 1 / (n2 * mean(1) * mean(1)));
  const double total = log_variance(mean, result);
  const auto df = of_readers > 0
                      ? std::optional(total * total * (n1 + n2 - 2) / (of_readers * of_readers))
                      : std::nullopt;
  return with_interval(mean, result, df);
}

}  // namespace rationale::study
