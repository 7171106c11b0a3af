#include "study/statistics/calibration.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>

namespace rationale::study {
namespace {

constexpr int kBins = 10;

double probability(const RatedTruth& one) { return (one.rating + 100) / 200; }

/// From the rating itself: 0.3 * 10 would be 2.9999…
int bin_of(const RatedTruth& one) {
  return std::min(static_cast<int>(std::floor((one.rating + 100) / (200.0 / kBins))), kBins - 1);
}

/// Maximises a logistic likelihood with an offset; Newton with step halving (it is concave).
/// @return  empty where it runs to infinity
std::optional<Eigen::VectorXd> logistic(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                        const Eigen::VectorXd& offset) {
  const auto log_likelihood = [&](const Eigen::VectorXd& b) {
    const Eigen::ArrayXd eta = (x * b + offset).array();
    return (y.array() * eta - (eta.max(0) + (-eta.abs()).exp().log1p())).sum();
  };
  Eigen::VectorXd b = Eigen::VectorXd::Zero(x.cols());
  double best = log_likelihood(b);
  for (int round = 0; round < 200; ++round) {
    const Eigen::ArrayXd mu = 1 / (1 + (-(x * b + offset)).array().exp());
    const Eigen::MatrixXd information = x.transpose() * (mu * (1 - mu)).matrix().asDiagonal() * x;
    const Eigen::LDLT<Eigen::MatrixXd> solver(information);
    if (!(solver.vectorD().minCoeff() > 1e-12)) return std::nullopt;
    const Eigen::VectorXd step = solver.solve(x.transpose() * (y - mu.matrix()));
    double length = 1, next = log_likelihood(b + step);
    const double rounding = 1e-12 * (1 + std::abs(best));
    while (!(next >= best - rounding) && length > 1e-10) next = log_likelihood(b + (length /= 2) * step);
    b += length * step;
    best = next;
    // Quadratic convergence: what is left is the square of the step.
    if (step.cwiseAbs().maxCoeff() < 1e-9 * (1 + b.cwiseAbs().maxCoeff())) return b;
    if (b.cwiseAbs().maxCoeff() > 1e4) return std::nullopt;
  }
  return b;
}

}  // namespace

std::variant<Calibration, NotEstimable> calibration(const std::vector<RatedTruth>& readings) {
  if (readings.empty()) return NotEstimable{"no_readings", "there is no reading", {}, {}};
  const auto n = static_cast<double>(readings.size());
  std::array<double, kBins> sum_p{};
  std::array<int, kBins> count{}, diseased{};
  Calibration result;
  int all_diseased = 0;
  for (const RatedTruth& one : readings) {
    const double p = probability(one), y = one.is_diseased ? 1 : 0;
    const auto b = static_cast<std::size_t>(bin_of(one));
    ++count[b];
    sum_p[b] += p;
    diseased[b] += one.is_diseased;
    all_diseased += one.is_diseased;
    result.brier += (p - y) * (p - y) / n;
    result.log_loss -= std::log(std::max(one.is_diseased ? p : 1 - p, 1e-15)) / n;
  }
  const double base = all_diseased / n;
  std::array<double, kBins> mean_p{}, rate{};
  for (std::size_t b = 0; b < kBins; ++b) {
    if (count[b] == 0) continue;
    const double w = count[b] / n;
    mean_p[b] = sum_p[b] / count[b];
    rate[b] = static_cast<double>(diseased[b]) / count[b];
    const double gap = std::abs(mean_p[b] - rate[b]);
    result.bins.push_back({static_cast<int>(b), count[b], mean_p[b], rate[b]});
    result.ece += w * gap;
    result.mce = std::max(result.mce, gap);
    result.reliability += w * gap * gap;
    result.resolution += w * (rate[b] - base) * (rate[b] - base);
  }
  result.uncertainty = base * (1 - base);
  for (const RatedTruth& one : readings) {
    const auto b = static_cast<std::size_t>(bin_of(one));
    const double p = probability(one) - mean_p[b], y = (one.is_diseased ? 1 : 0) - rate[b];
    result.within_bin_variance += p * p / n;
    result.within_bin_covariance += p * y / n;
  }
  return result;
}

std::variant<CalibrationLine, NotEstimable> calibration_line(const std::vector<RatedTruth>& readings) {
  const auto n = static_cast<Eigen::Index>(readings.size());
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(n, 2);
  Eigen::VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const RatedTruth& one = readings[static_cast<std::size_t>(i)];
    const double p = std::clamp(probability(one), 1e-6, 1 - 1e-6);
    x(i, 1) = std::log(p / (1 - p));
    y(i) = one.is_diseased ? 1 : 0;
  }
  if (n == 0 || y.minCoeff() == y.maxCoeff()) {
    return NotEstimable{"one_class", "calibration needs normal and diseased cases", {}, {}};
  }
  if (x.col(1).minCoeff() == x.col(1).maxCoeff()) {
    return NotEstimable{"one_value", "all ratings are the same: a line has no slope", {}, {}};
  }
  const auto line = logistic(x, y, Eigen::VectorXd::Zero(n));
  const auto level = logistic(x.leftCols(1), y, x.col(1));
  if (!line || !level) {
    return NotEstimable{"separation", "ratings tell the classes apart without an error: the slope is infinite",
                        {}, {}};
  }
  return CalibrationLine{(*line)(0), (*line)(1), (*level)(0)};
}

}  // namespace rationale::study
