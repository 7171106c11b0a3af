#include "study/statistics/primary.h"

#include <algorithm>
#include <cmath>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {
namespace {

constexpr double kTiny = 1e-24;        // mean squares below it are rounding
constexpr double kNoDifference = 1e-15;

std::optional<NotEstimable> no_difference(const Merits& m, bool needs_readers) {
  if (m.n_arms < 2) {
    return NotEstimable{"one_arm", "only one arm: there is no difference to test", {}, {}};
  }
  if (needs_readers && m.n_readers < 2) {
    NotEstimable verdict{"one_reader",
                         "one reader: reader variance cannot be estimated; see the fixed-reader analysis",
                         {}, {}};
    if (!m.has_holes()) verdict.estimate = *m.theta[1] - *m.theta[0];
    return verdict;
  }
  if (m.has_holes()) {
    return NotEstimable{"empty_cell", "a reader has no reading of this kind in one arm", {}, {}};
  }
  return std::nullopt;
}

double mean_difference(const Merits& m) {
  const Eigen::MatrixXd theta = m.table();
  return theta.row(1).mean() - theta.row(0).mean();
}

Outcome no_variance(double estimate) {
  if (std::abs(estimate) < kNoDifference) {
    return NotEstimable{"zero_variance_zero_difference",
                        "the arms do not differ and there is no error variance (0/0): no test, no p-value",
                        0.0, {}};
  }
  return NotEstimable{"zero_variance", "there is no error variance: the difference has no standard error",
                      estimate, {}};
}

}  // namespace

bool Merits::has_holes() const {
  return std::ranges::any_of(theta, [](const auto& one) { return !one; });
}

Eigen::MatrixXd Merits::table() const {
  Eigen::MatrixXd result(n_arms, n_readers);
  for (int i = 0; i < n_arms; ++i) {
    for (int j = 0; j < n_readers; ++j) {
      result(i, j) = *theta[static_cast<std::size_t>(i * n_readers + j)];
    }
  }
  return result;
}

Outcome difference_rrrc(const Merits& m) {
  if (const auto none = no_difference(m, true)) return *none;
  const double estimate = mean_difference(m);
  if (!m.covariance) {
    return NotEstimable{"no_case_covariance",
                        "fewer than two " + m.cases +
                            " cases: the covariance over cases cannot be estimated",
                        estimate, {}};
  }
  const ObuchowskiRockette result = obuchowski_rockette(m.table(), *m.covariance);
  const double denominator = result.rrrc.test.denominator;
  if (denominator == 0) return no_variance(estimate);
  return tested(estimate, 2 * denominator / m.n_readers, result.rrrc.test.df2);
}

Outcome difference_frrc(const Merits& m) {
  if (const auto none = no_difference(m, false)) return *none;
  const double estimate = mean_difference(m);
  if (!m.covariance) {
    return NotEstimable{"no_case_covariance", "fewer than two " + m.cases + " cases", estimate, {}};
  }
  Eigen::VectorXd w = Eigen::VectorXd::Zero(m.n_arms * m.n_readers);
  w.head(m.n_readers).setConstant(-1.0 / m.n_readers);
  w.segment(m.n_readers, m.n_readers).setConstant(1.0 / m.n_readers);
  const double variance = w.dot(*m.covariance * w);
  const double scale = w.cwiseAbs().dot(m.covariance->cwiseAbs() * w.cwiseAbs());
  if (std::abs(variance) < 1e-12 * scale + kTiny) return no_variance(estimate);
  return tested(estimate, variance, std::nullopt);
}

}  // namespace rationale::study
