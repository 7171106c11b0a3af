// The marginal likelihood of decisions with a random case effect, by adaptive Gauss-Hermite quadrature.
#include <Eigen/Dense>
#include <cmath>
#include <utility>

#include "data/base/interrupt.h"
#include "study/statistics/logistic_mixed.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kNodes = 25;
constexpr double kFar = 20;

/// Nodes and log-weights of exp(-x^2), from the eigenvalues of the Jacobi matrix (Golub & Welsch 1969).
struct Rule {
  VectorXd node, log_weight;
};

Rule gauss_hermite(Index n) {
  MatrixXd jacobi = MatrixXd::Zero(n, n);
  for (Index i = 1; i < n; ++i) jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(static_cast<double>(i) / 2);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(jacobi);
  return {solver.eigenvalues(),
          (std::sqrt(M_PI) * solver.eigenvectors().row(0).transpose().array().square()).log().matrix()};
}

/// Log-likelihood and its first two derivatives in [t_case, beta].
struct Likelihood2 {
  double value = 0;
  VectorXd first;
  MatrixXd second;
};

/// The rows of one case.
struct CaseRows {
  MatrixXd x;
  VectorXd y;
};

/// Mode of y'eta - sum log(1+e^eta) - u^2/2 with eta = fixed + t u, and the curvature there.
std::pair<double, double> mode(const CaseRows& rows, const VectorXd& fixed, double t) {
  double u = 0, curvature = 1;
  for (int round = 0; round < 100; ++round) {
    const ArrayXd mu = 1 / (1 + (-(fixed.array() + t * u)).exp());
    curvature = 1 + t * t * (mu * (1 - mu)).sum();
    double step = (t * (rows.y.array() - mu).sum() - u) / curvature;
    step = std::clamp(step, -2.0, 2.0);  // the function is concave; long steps may overshoot
    u += step;
    if (std::abs(step) < 1e-12) break;
  }
  return {u, curvature};
}

/// Logarithm of the product of each column of factors between 1 and 2, a few hundred of them at once.
Eigen::Array<double, 1, Eigen::Dynamic> log_of_products(const Eigen::ArrayXXd& factors) {
  constexpr Index kFactors = 512;
  Eigen::Array<double, 1, Eigen::Dynamic> sum = Eigen::Array<double, 1, Eigen::Dynamic>::Zero(factors.cols());
  for (Index first = 0; first < factors.rows(); first += kFactors) {
    sum += factors.middleRows(first, std::min(kFactors, factors.rows() - first)).colwise().prod().log();
  }
  return sum;
}

void add_case(const CaseRows& rows, const Rule& rule, double t, const VectorXd& beta, Likelihood2& sum) {
  const VectorXd fixed = rows.x * beta;
  const auto [centre, curvature] = mode(rows, fixed, t);
  const double scale = std::sqrt(2 / curvature);
  const VectorXd u = centre + scale * rule.node.array();
  const MatrixXd eta = fixed.replicate(1, kNodes) + t * VectorXd::Ones(fixed.size()) * u.transpose();
  const Eigen::ArrayXXd tail = (-eta.array().abs()).exp();  // of every logistic function below
  const VectorXd outside = (eta.array().max(0).colwise().sum() + log_of_products(1 + tail)).matrix().transpose();
  const VectorXd log_value = rule.log_weight + (rule.node.array().square() - u.array().square() / 2).matrix() +
                             eta.transpose() * rows.y - outside;
  const double highest = log_value.maxCoeff();
  const VectorXd weight = (log_value.array() - highest).exp();
  const double total = weight.sum();
  sum.value += highest + std::log(total) + std::log(scale) - 0.5 * std::log(2 * M_PI);
  // Of the exact integral: mean of the score, variance of the score less mean curvature, over u given y.
  const VectorXd share = weight / total;
  const Eigen::ArrayXXd mu = (eta.array() > 0).select(1.0, tail) / (1 + tail);
  const MatrixXd residual = (-mu).colwise() + rows.y.array(), w = mu * (1 - mu);
  const Index p = beta.size();
  MatrixXd scores(p + 1, kNodes);
  scores.row(0) = residual.colwise().sum().cwiseProduct(u.transpose());
  scores.bottomRows(p) = rows.x.transpose() * residual;
  const VectorXd mean = scores * share, mean_w = w * share, mean_wu = w * share.cwiseProduct(u);
  sum.first += mean;
  sum.second += scores * share.asDiagonal() * scores.transpose() - mean * mean.transpose();
  sum.second(0, 0) -= (w * share.cwiseProduct(u.cwiseAbs2())).sum();
  const VectorXd cross = rows.x.transpose() * mean_wu;
  sum.second.col(0).tail(p) -= cross;
  sum.second.row(0).tail(p) -= cross.transpose();
  sum.second.bottomRightCorner(p, p) -= rows.x.transpose() * mean_w.asDiagonal() * rows.x;
}

std::vector<CaseRows> by_case(const MixedData& data) {
  std::vector<std::vector<Index>> places(static_cast<std::size_t>(data.n_cases));
  for (Index i = 0; i < data.y.size(); ++i) {
    places[static_cast<std::size_t>(data.case_of[static_cast<std::size_t>(i)])].push_back(i);
  }
  std::vector<CaseRows> result;
  for (const auto& rows : places) result.push_back({data.x(rows, Eigen::all), data.y(rows)});
  return result;
}

}  // namespace

std::variant<LogisticMixed, NotEstimable> logistic_quadrature(const MixedData& data) {
  if (auto why = separation(data)) return *why;
  if (auto why = no_patient_effect(data)) return *why;
  const std::vector<CaseRows> cases = by_case(data);
  const Rule rule = gauss_hermite(kNodes);
  const Index p = data.x.cols();
  const auto likelihood = [&](const VectorXd& at) {
    Likelihood2 sum{0, VectorXd::Zero(p + 1), MatrixXd::Zero(p + 1, p + 1)};
    for (const CaseRows& rows : cases) add_case(rows, rule, at(0), at.tail(p), sum);
    return sum;
  };
  VectorXd at = VectorXd::Zero(p + 1);
  at(0) = 1;
  at(1) = std::log(data.y.mean() / (1 - data.y.mean()));
  Likelihood2 here = likelihood(at);
  bool is_found = false;
  for (int round = 0; round < 50 && !is_found && at.cwiseAbs().maxCoeff() < kFar; ++round) {
    check_interrupt();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> h(-here.second);
    const VectorXd curvature = h.eigenvalues().cwiseAbs().cwiseMax(1e-6);
    VectorXd step = h.eigenvectors() * (h.eigenvectors().transpose() * here.first).cwiseQuotient(curvature);
    const double gain = here.first.dot(step) / 2;  // what a quadratic would rise by
    is_found = gain < 1e-13;
    int halvings = 0;
    Likelihood2 next = likelihood(at + step);  // the whole step is nearly always good
    const double least = here.value - 1e-11 * std::abs(here.value);
    while (!(next.value >= least) && ++halvings <= 20) {
      step /= 2;
      next = likelihood(at + step);
    }
    if (halvings > 20) {  // the rule's own error is what is left
      is_found = gain < 1e-4;
      break;
    }
    at += step;
    here = std::move(next);
  }
  const MatrixXd covariance = (-here.second).inverse().bottomRightCorner(p, p);
  if (!is_found || !covariance.allFinite() || !(covariance.diagonal().minCoeff() > 0)) {
    return NotEstimable{"no_maximum", "the likelihood has no maximum within reach", {}, {}};
  }
  LogisticMixed fit;
  fit.formula = data.fixed + " + (1|case), nAGQ = 25 (fixed readers)";
  fit.n_nodes = kNodes;
  fit.covariance = covariance;
  fit.coefficients = coefficients(data, at.tail(p), covariance);
  fit.variance = {{"case", "(Intercept)", "", at(0) * at(0), std::abs(at(0))}};
  fit.log_likelihood = here.value;
  fit.is_singular = std::abs(at(0)) < 1e-4;
  fit.is_doubtful = std::abs(at(0)) > 5;
  fit.n = static_cast<int>(data.y.size());
  return fit;
}

}  // namespace rationale::study
