#include "study/statistics/gee.h"

#include <Eigen/Dense>
#include <cmath>

#include "study/statistics/logistic_mixed.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// One reading: Pearson residual, and the row of D divided by the standard deviation.
struct Scaled {
  VectorXd residual;  ///< [N]
  MatrixXd row;       ///< [N, p]
  bool is_valid = true;
};

Scaled scaled(const MixedData& data, Family family, const VectorXd& beta) {
  const VectorXd eta = data.x * beta;
  Scaled s{VectorXd(eta.size()), data.x};
  for (Index i = 0; i < eta.size(); ++i) {
    const double mu = family == Family::kBinomialLogit ? 1 / (1 + std::exp(-eta(i))) : eta(i);
    const double variance = family == Family::kGaussian ? 1 : mu * (1 - mu);
    if (!(variance > 0)) {
      s.is_valid = false;
      return s;
    }
    const double deviation = std::sqrt(variance);
    s.residual(i) = (data.y(i) - mu) / deviation;
    s.row.row(i) *= family == Family::kBinomialLogit ? deviation : 1 / deviation;
  }
  return s;
}

struct Moments {
  double scale = 1, alpha = 0;
};

Moments moments(const MixedData& data, const VectorXd& e, const std::vector<double>& sizes) {
  VectorXd sum = VectorXd::Zero(data.n_clusters), squares = sum;
  for (Index i = 0; i < e.size(); ++i) {
    const Index k = data.cluster_of[static_cast<std::size_t>(i)];
    sum(k) += e(i);
    squares(k) += e(i) * e(i);
  }
  double pairs = 0;
  for (const double n : sizes) pairs += n * (n - 1) / 2;
  Moments result;
  result.scale = squares.sum() / static_cast<double>(e.size());
  if (pairs > 0) result.alpha = (sum.squaredNorm() - squares.sum()) / 2 / (result.scale * pairs);
  return result;
}

/// B = sum D'V^-1 D, and D'V^-1 r of each cluster in a row. The inverse of a correlation alpha among n is
/// (I - c J)/(1 - alpha) with c = alpha / (1 + (n-1) alpha).
struct Equations {
  MatrixXd bread, scores;
};

Equations equations(const MixedData& data, const Scaled& s, double alpha, const std::vector<double>& sizes) {
  const Index p = data.x.cols();
  MatrixXd row_sum = MatrixXd::Zero(data.n_clusters, p), product = row_sum;
  VectorXd residual_sum = VectorXd::Zero(data.n_clusters);
  for (Index i = 0; i < s.residual.size(); ++i) {
    const Index k = data.cluster_of[static_cast<std::size_t>(i)];
    row_sum.row(k) += s.row.row(i);
    product.row(k) += s.residual(i) * s.row.row(i);
    residual_sum(k) += s.residual(i);
  }
  VectorXd c(data.n_clusters);
  for (Index k = 0; k < data.n_clusters; ++k) {
    c(k) = alpha / (1 + (sizes[static_cast<std::size_t>(k)] - 1) * alpha);
  }
  Equations result;
  result.bread = (s.row.transpose() * s.row - row_sum.transpose() * c.asDiagonal() * row_sum) / (1 - alpha);
  result.scores = (product - c.cwiseProduct(residual_sum).asDiagonal() * row_sum) / (1 - alpha);
  return result;
}

}  // namespace

std::variant<Gee, NotEstimable> gee(const MixedData& data, Family family, WorkingCorrelation correlation) {
  if (data.n_clusters <= data.x.cols()) {
    return NotEstimable{"too_few_cases", "the sandwich needs more cases, or patients, than coefficients", {}, {}};
  }
  if (family != Family::kGaussian) {
    if (auto why = separation(data)) return *why;
  }
  const NotEstimable no_solution{"no_solution", "the estimating equations have no solution within reach", {}, {}};
  std::vector<double> sizes(static_cast<std::size_t>(data.n_clusters), 0);
  for (const int k : data.cluster_of) sizes[static_cast<std::size_t>(k)] += 1;
  VectorXd beta = VectorXd::Zero(data.x.cols());
  if (family != Family::kBinomialLogit) beta = data.x.colPivHouseholderQr().solve(data.y);
  Gee result;
  for (int round = 0; round < 200; ++round) {
    const Scaled s = scaled(data, family, beta);
    if (!s.is_valid) return no_solution;
    const Moments m = moments(data, s.residual, sizes);
    const double alpha = correlation == WorkingCorrelation::kExchangeable ? m.alpha : 0;
    if (!(std::abs(alpha) < 1 - 1e-9) || !(m.scale > 1e-24)) return no_solution;
    const Equations at = equations(data, s, alpha, sizes);
    const Eigen::LDLT<MatrixXd> solver(at.bread);
    if (!(solver.vectorD().minCoeff() > 0)) return no_solution;
    const VectorXd step = solver.solve(at.scores.colwise().sum().transpose());
    if (!step.allFinite()) return no_solution;
    if (step.cwiseAbs().maxCoeff() < 1e-12 * (1 + beta.cwiseAbs().maxCoeff())) {
      const MatrixXd inverse = solver.solve(MatrixXd::Identity(beta.size(), beta.size()));
      result.beta = beta;
      result.naive = m.scale * inverse;
      result.robust = inverse * (at.scores.transpose() * at.scores) * inverse;
      result.coefficients = coefficients(data, beta, result.robust);
      if (correlation == WorkingCorrelation::kExchangeable) result.alpha = m.alpha;
      result.scale = m.scale;
      return result;
    }
    beta += step;
  }
  return no_solution;
}

}  // namespace rationale::study
