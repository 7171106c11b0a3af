#include "concepts/attribution/presence.h"

#include <Eigen/LU>
#include <cmath>

#include "data/base/error.h"

namespace rationale::concepts {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// -log likelihood of the targets; log(1 + e^x) - t x, without overflow.
double loss(const Eigen::MatrixXd& x, const Eigen::VectorXd& targets, const Eigen::Vector2d& at) {
  const Eigen::ArrayXd margin = (x * at).array();
  return (margin.max(0.0) + (-margin.abs()).exp().log1p() - targets.array() * margin).sum();
}

}  // namespace

double Platt::presence(double score) const { return logistic(a * score + b); }

Platt fit_platt(const Eigen::VectorXd& scores, const Eigen::VectorXd& labels) {
  const double n_present = (labels.array() > 0.5).cast<double>().sum();
  const double n_absent = static_cast<double>(labels.size()) - n_present;
  if (n_present == 0 || n_absent == 0) {
    throw Error(Error::Kind::kInput, "presence cannot be calibrated without both kinds of examples",
                "", "add examples of the missing kind").with_code("too_few_examples");
  }
  const Eigen::VectorXd targets =
      labels.unaryExpr([&](double label) {
        return label > 0.5 ? (n_present + 1) / (n_present + 2) : 1 / (n_absent + 2);
      });
  Eigen::MatrixXd x(scores.size(), 2);
  x << scores, Eigen::VectorXd::Ones(scores.size());
  Eigen::Vector2d at = Eigen::Vector2d::Zero();
  double current = loss(x, targets, at);
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Eigen::VectorXd p = (x * at).unaryExpr([](double v) { return logistic(v); });
    const Eigen::Vector2d gradient = x.transpose() * (p - targets);
    const Eigen::MatrixXd weighted =
        x.array().colwise() * (p.array() * (1 - p.array()));
    const Eigen::Matrix2d hessian =
        weighted.transpose() * x + 1e-12 * Eigen::Matrix2d::Identity();
    Eigen::Vector2d step = -hessian.fullPivLu().solve(gradient);
    double next = loss(x, targets, at + step);
    for (int halvings = 0; halvings < 60 && next > current + 1e-12 * std::abs(current);
         ++halvings) {
      step /= 2;
      next = loss(x, targets, at + step);
    }
    at += step;
    current = next;
    if (step.cwiseAbs().maxCoeff() < 1e-13) break;
  }
  return {at(0), at(1)};
}

Eigen::MatrixXd presences(const Eigen::MatrixXd& scores, const std::vector<Platt>& calibrations) {
  Eigen::MatrixXd result(scores.rows(), scores.cols());
  for (Eigen::Index k = 0; k < scores.cols(); ++k) {
    const Platt& platt = calibrations[static_cast<std::size_t>(k)];
    result.col(k) = scores.col(k).unaryExpr([&](double s) { return platt.presence(s); });
  }
  return result;
}

}  // namespace rationale::concepts
