// The marginal likelihood of decisions with a random case effect, by adaptive Gauss-Hermite quadrature.
#include <Eigen/Dense>
#include <cmath>

#include "study/statistics/logistic_mixed.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kNodes = 25;
constexpr double kFar = 30;

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

/// Log-likelihood with its first two derivatives in [t_case, beta].
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

void add_case(const CaseRows& rows, const Rule& rule, double t, const VectorXd& beta, Likelihood2& sum) {
  const VectorXd fixed = rows.x * beta;
  const auto [centre, curvature] = mode(rows, fixed, t);
  const double scale = std::sqrt(2 / curvature);
  const Index p = beta.size();
  VectorXd log_value(kNodes);
  MatrixXd scores(p + 1, kNodes);
  std::vector<MatrixXd> curvatures(kNodes);
  for (Index q = 0; q < kNodes; ++q) {
    const double u = centre + scale * rule.node(q);
    const ArrayXd eta = fixed.array() + t * u, mu = 1 / (1 + (-eta).exp());
    const double log_joint = (rows.y.array() * eta - (eta.max(0) + (1 + (-eta.abs()).exp()).log())).sum() - u * u / 2;
    log_value(q) = rule.log_weight(q) + rule.node(q) * rule.node(q) + log_joint;
    MatrixXd z(rows.x.rows(), p + 1);
    z << VectorXd::Constant(rows.x.rows(), u), rows.x;
    scores.col(q) = z.transpose() * (rows.y.array() - mu).matrix();
    curvatures[static_cast<std::size_t>(q)] = z.transpose() * (mu * (1 - mu)).matrix().asDiagonal() * z;
  }
  const double highest = log_value.maxCoeff();
  const VectorXd weight = (log_value.array() - highest).exp();
  const double total = weight.sum();
  sum.value += highest + std::log(total) + std::log(scale) - 0.5 * std::log(2 * M_PI);
  const VectorXd share = weight / total, mean = scores * share;
  sum.first += mean;
  sum.second += scores * share.asDiagonal() * scores.transpose() - mean * mean.transpose();
  for (Index q = 0; q < kNodes; ++q) sum.second -= share(q) * curvatures[static_cast<std::size_t>(q)];
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
  for (int round = 0; round < 100 && !is_found; ++round) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> h(-here.second);
    const VectorXd curvature = h.eigenvalues().cwiseAbs().cwiseMax(1e-6);
    VectorXd step = h.eigenvectors() * (h.eigenvectors().transpose() * here.first).cwiseQuotient(curvature);
    is_found = step.cwiseAbs().maxCoeff() < 1e-8;
    Likelihood2 next = likelihood(at + step);
    for (int halving = 0; !(next.value >= here.value - 1e-10) && halving < 40; ++halving) {
      step /= 2;
      next = likelihood(at + step);
    }
    at += step;
    here = next;
    if (at.cwiseAbs().maxCoeff() > kFar) break;
  }
  const MatrixXd covariance = (-here.second).inverse().bottomRightCorner(p, p);
  if (!is_found || !(covariance.diagonal().minCoeff() > 0)) {
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
