#include "study/statistics/logistic_mixed.h"

#include <Eigen/Dense>
#include <cmath>

#include "study/statistics/laplace_deviance.h"
#include "study/statistics/minimise.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSingular = 1e-4;
constexpr double kFar = 20;  // a log-odds or a standard deviation beyond it is no estimate

constexpr double kDoubtful = 5;  // a standard deviation beyond it: decisions hardly vary within a case or reader

std::string level_name(const std::string& column) {
  return column.starts_with("arm") ? "arm " + column.substr(3)
         : column.starts_with("reader") ? "reader " + column.substr(6) : "period " + column.substr(6);
}

/// Whether all y with column == value are the same.
bool is_uniform(const MixedData& data, const VectorXd& column, double value) {
  double positives = 0, n = 0;
  for (Index i = 0; i < data.y.size(); ++i) {
    if (column(i) != value) continue;
    ++n;
    positives += data.y(i);
  }
  return n > 0 && (positives == 0 || positives == n);
}

}  // namespace

std::optional<NotEstimable> separation(const MixedData& data) {
  for (Index c = 0; c < data.x.cols(); ++c) {
    const std::string& name = data.names[static_cast<std::size_t>(c)];
    for (const double value : {1.0, 0.0}) {
      // A reader's 0 is all other readers.
      if (!is_uniform(data, data.x.col(c), value)) continue;
      const std::string where = name == "(Intercept)" ? "everywhere" : (value > 0 ? "in " : "outside ") + level_name(name);
      return NotEstimable{"separation", "all decisions are the same " + where +
                                            ": a coefficient is infinite; see the difference and the exact test",
                          {}, {}};
    }
  }
  // The first reader, and the first of several periods, have no column of their own.
  for (const std::string factor : {"reader", "period"}) {
    VectorXd others = VectorXd::Zero(data.y.size());
    for (Index c = 0; c < data.x.cols(); ++c) {
      if (data.names[static_cast<std::size_t>(c)].starts_with(factor)) others += data.x.col(c);
    }
    if (others.any() && is_uniform(data, others, 0)) {
      return NotEstimable{"separation", "all decisions of the first " + factor + " are the same: a coefficient is infinite",
                          {}, {}};
    }
  }
  return std::nullopt;
}

std::variant<LogisticMixed, NotEstimable> logistic_laplace(const MixedData& data) {
  if (auto why = separation(data)) return *why;
  if (auto why = no_patient_effect(data)) return *why;
  if (data.n_readers < 3) {
    return NotEstimable{"too_few_readers", "a random reader effect needs at least 3 readers; use fixed readers",
                        {}, {}};
  }
  LaplaceDeviance laplace(data);
  const Index p = data.x.cols();
  VectorXd start = VectorXd::Zero(p + 2);
  start.head(2).setConstant(0.5);
  const double rate = data.y.mean();
  start(2) = std::log(rate / (1 - rate));
  const Objective deviance = [&](const VectorXd& x) { return laplace.value(x); };
  const Gradient slope = [&](const VectorXd& x) { return laplace.gradient(x); };
  const auto minimum = minimise(deviance, slope, start, kFar);
  if (!minimum) {
    return NotEstimable{"no_maximum",
                        "no maximum within a log-odds of 20: cases or readers hardly disagree with themselves",
                        {}, {}};
  }
  VectorXd at = minimum->x;
  LogisticMixed fit;
  for (Index i = 0; i < 2; ++i) {
    at(i) = std::abs(at(i));
    VectorXd without = at;
    without(i) = 0;
    if (at(i) < 1e-2 && deviance(without) <= deviance(at) + 1e-7) at = without;
    fit.is_singular = fit.is_singular || at(i) < kSingular;
    fit.is_doubtful = fit.is_doubtful || at(i) > kDoubtful;
  }
  fit.formula = data.fixed + " + (1 | reader) + (1 | case)";
  fit.n = static_cast<int>(data.y.size());
  fit.log_likelihood = -deviance(at) / 2;
  const MatrixXd h = hessian(slope, at);
  fit.covariance = (2 * h.inverse()).bottomRightCorner(p, p);
  // Exact derivatives can be exactly 0 where the likelihood is flat: then the inverse is infinite.
  if (!fit.covariance.allFinite() || !(fit.covariance.diagonal().minCoeff() > 0)) {
    return NotEstimable{"no_maximum", "the likelihood is flat: no standard errors", {}, {}};
  }
  fit.coefficients = coefficients(data, at.tail(p), fit.covariance);
  fit.variance = {{"case", "(Intercept)", "", at(0) * at(0), at(0)},
                  {"reader", "(Intercept)", "", at(1) * at(1), at(1)}};
  return fit;
}

}  // namespace rationale::study
