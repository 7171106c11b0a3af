#include "study/statistics/logistic_mixed.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "study/statistics/minimise.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSingular = 1e-4;
constexpr double kFar = 20;  // a log-odds or a standard deviation beyond it is no estimate

constexpr double kDoubtful = 5;  // a standard deviation beyond it: decisions hardly vary within a case or reader

/// The likelihood with the random effects at their mode, for parameters [t_case, t_reader, beta].
class Laplace {
 public:
  explicit Laplace(const MixedData& data)
      : data_(data), u_case_(VectorXd::Zero(data.n_cases)),
        u_reader_(VectorXd::Zero(data.n_readers)) {}

  double deviance(const VectorXd& parameters) {
    t_case_ = parameters(0);
    t_reader_ = parameters(1);
    fixed_ = data_.x * parameters.tail(parameters.size() - 2);
    return 2 * (at_mode() + log_det_ / 2);
  }

 private:
  /// -[log-likelihood given u] + u'u/2; leaves the probabilities in mu_.
  double penalised(const VectorXd& u_case, const VectorXd& u_reader) {
    const ArrayXd eta = fixed_.array() + t_case_ * u_case(data_.case_of).array() + t_reader_ * u_reader(data_.reader_of).array();
    const ArrayXd e = (-eta.abs()).exp();
    mu_ = (eta > 0).select(1.0, e) / (1 + e);
    return (u_case.squaredNorm() + u_reader.squaredNorm()) / 2 + (eta.max(0.0) - data_.y.array() * eta).sum() +
           (1 + e).log().sum();
  }

  /// Newton with step halving. The matrix is diagonal in cases and few in readers: eliminate cases first.
  double at_mode() {
    double value = penalised(u_case_, u_reader_);
    if (!std::isfinite(value)) {
      u_case_.setZero();
      u_reader_.setZero();
      value = penalised(u_case_, u_reader_);
    }
    for (int round = 0; round < 100; ++round) {
      VectorXd g_case = -u_case_, g_reader = -u_reader_;
      VectorXd d_case = VectorXd::Ones(data_.n_cases), d_reader = VectorXd::Ones(data_.n_readers);
      MatrixXd coupling = MatrixXd::Zero(data_.n_cases, data_.n_readers);
      const ArrayXd w = mu_ * (1 - mu_), residual = data_.y.array() - mu_;
      for (Index i = 0; i < data_.y.size(); ++i) {
        const auto place = static_cast<std::size_t>(i);
        const Index k = data_.case_of[place], j = data_.reader_of[place];
        g_case(k) += t_case_ * residual(i);
        g_reader(j) += t_reader_ * residual(i);
        d_case(k) += t_case_ * t_case_ * w(i);
        d_reader(j) += t_reader_ * t_reader_ * w(i);
        coupling(k, j) += t_case_ * t_reader_ * w(i);
      }
      const MatrixXd scaled = d_case.cwiseInverse().asDiagonal() * coupling;
      MatrixXd schur = -coupling.transpose() * scaled;
      schur.diagonal() += d_reader;
      const Eigen::LLT<MatrixXd> solver(schur);
      log_det_ = d_case.array().log().sum() + 2 * solver.matrixLLT().diagonal().array().log().sum();
      const VectorXd step_reader = solver.solve(g_reader - scaled.transpose() * g_case);
      const VectorXd step_case = g_case.cwiseQuotient(d_case) - scaled * step_reader;
      const double size = std::max(step_case.cwiseAbs().maxCoeff(), step_reader.cwiseAbs().maxCoeff());
      if (size < 1e-10) break;
      double length = 1, next = penalised(u_case_ + step_case, u_reader_ + step_reader);
      while (!(next <= value + 1e-11 * std::abs(value)) && length > 1e-8) {
        length /= 2;
        next = penalised(u_case_ + length * step_case, u_reader_ + length * step_reader);
      }
      u_case_ += length * step_case;
      u_reader_ += length * step_reader;
      value = next;
    }
    return value;
  }

  const MixedData& data_;
  double t_case_ = 0, t_reader_ = 0, log_det_ = 0;
  ArrayXd mu_;
  VectorXd fixed_, u_case_, u_reader_;  // u: kept from call to call, as a start
};

std::string level_name(const std::string& column) {
  return column.starts_with("arm") ? "arm " + column.substr(3)
         : column.starts_with("reader") ? "reader " + column.substr(6) : "period 2";
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
  // The reference reader of a factor has no column of its own.
  VectorXd first = VectorXd::Zero(data.y.size());
  if (data.names.back().starts_with("reader")) {
    for (Index i = 0; i < data.y.size(); ++i) first(i) = data.reader_of[static_cast<std::size_t>(i)] == 0;
    if (is_uniform(data, first, 1)) {
      return NotEstimable{"separation", "all decisions of the first reader are the same: a coefficient is infinite",
                          {}, {}};
    }
  }
  return std::nullopt;
}

std::variant<LogisticMixed, NotEstimable> logistic_laplace(const MixedData& data) {
  if (auto why = separation(data)) return *why;
  if (data.n_readers < 3) {
    return NotEstimable{"too_few_readers", "a random reader effect needs at least 3 readers; use fixed readers",
                        {}, {}};
  }
  Laplace laplace(data);
  const Index p = data.x.cols();
  VectorXd start = VectorXd::Zero(p + 2);
  start.head(2).setConstant(0.5);
  const double rate = data.y.mean();
  start(2) = std::log(rate / (1 - rate));
  const Objective deviance = [&](const VectorXd& x) { return laplace.deviance(x); };
  const auto minimum = minimise(deviance, start, kFar);
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
  const MatrixXd h = hessian(deviance, at);
  fit.covariance = (2 * h.inverse()).bottomRightCorner(p, p);
  if (!(fit.covariance.diagonal().minCoeff() > 0)) {
    return NotEstimable{"no_maximum", "the likelihood is flat: no standard errors", {}, {}};
  }
  fit.coefficients = coefficients(data, at.tail(p), fit.covariance);
  fit.variance = {{"case", "(Intercept)", "", at(0) * at(0), at(0)},
                  {"reader", "(Intercept)", "", at(1) * at(1), at(1)}};
  return fit;
}

}  // namespace rationale::study
