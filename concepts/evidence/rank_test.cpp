#include "concepts/evidence/rank_test.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace rationale::concepts {
namespace {

/// Orthonormal basis of [1, covariates], collinear columns dropped.
Eigen::MatrixXd basis_with_intercept(const Eigen::MatrixXd& covariates) {
  Eigen::MatrixXd design(covariates.rows(), covariates.cols() + 1);
  design << Eigen::VectorXd::Ones(covariates.rows()), covariates;
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(design);
  qr.setThreshold(1e-9);
  return qr.householderQ() * Eigen::MatrixXd::Identity(design.rows(), qr.rank());
}

}  // namespace

RankTest freedman_lane(const Eigen::VectorXd& s, const Eigen::VectorXd& concept_label,
                       const Eigen::MatrixXd& covariates,
                       const std::vector<RowIndices>& permutations) {
  const Eigen::MatrixXd q = basis_with_intercept(covariates);
  const Eigen::VectorXd c = concept_label - q * (q.transpose() * concept_label);
  const double cc = c.squaredNorm();
  const double df = static_cast<double>(s.size() - q.cols()) - 1;
  RankTest result;
  if (df < 1 || cc < 1e-9 * std::max(1.0, concept_label.squaredNorm())) {
    result.is_estimable = false;
    return result;
  }
  const Eigen::VectorXd r = s - q * (q.transpose() * s);
  const double rr = r.squaredNorm();
  // c is orthogonal to Q, so c.(I-QQ')v = c.v and |(I-QQ')v|^2 = |v|^2 - |Q'v|^2; |v|^2 = |r|^2 for all.
  // An effect explained to the last digit leaves no error: t is then as large as rounding allows.
  const auto t_of = [&](double cv, double inside) {
    const double b = cv / cc;
    const double error = std::max(rr - inside - b * b * cc, 1e-24 * std::max(rr, 1e-280));
    return b / std::sqrt(error / (df * cc));
  };
  result.effect = c.dot(r) / cc;
  result.t = rr > 0 ? t_of(c.dot(r), (q.transpose() * r).squaredNorm()) : 0;
  result.se = result.t != 0 ? std::abs(result.effect / result.t) : 0;

  // The permuted residuals as one matrix: Q^T V is one product.
  Eigen::MatrixXd permuted(s.size(), static_cast<Eigen::Index>(permutations.size()));
  for (std::size_t p = 0; p < permutations.size(); ++p) {
    for (Eigen::Index i = 0; i < s.size(); ++i) {
      permuted(i, static_cast<Eigen::Index>(p)) = r(permutations[p][static_cast<std::size_t>(i)]);
    }
  }
  const Eigen::RowVectorXd inside = (q.transpose() * permuted).colwise().squaredNorm();
  const Eigen::RowVectorXd along = c.transpose() * permuted;
  int as_large = 0;
  for (Eigen::Index p = 0; p < along.size(); ++p) {
    if (rr <= 0 || std::abs(t_of(along(p), inside(p))) >= std::abs(result.t)) ++as_large;
  }
  result.p = (1.0 + as_large) / (1.0 + static_cast<double>(permutations.size()));
  return result;
}

RankTest marginal_test(const Eigen::VectorXd& s, const Eigen::VectorXd& concept_label,
                       const std::vector<RowIndices>& permutations) {
  const double n_present = concept_label.sum();
  const double n_absent = static_cast<double>(concept_label.size()) - n_present;
  RankTest result;
  if (n_present == 0 || n_absent == 0) {
    result.is_estimable = false;
    return result;
  }
  const double total = s.sum();
  const auto difference = [&](double sum) { return sum / n_present - (total - sum) / n_absent; };
  result.effect = difference(concept_label.dot(s));
  int as_large = 0;
  for (const RowIndices& permutation : permutations) {
    double sum = 0;
    for (Eigen::Index i = 0; i < s.size(); ++i) {
      sum += concept_label(permutation[static_cast<std::size_t>(i)]) * s(i);
    }
    if (std::abs(difference(sum)) >= std::abs(result.effect)) ++as_large;
  }
  result.p = (1.0 + as_large) / (1.0 + static_cast<double>(permutations.size()));
  return result;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double running = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    running = std::max(running, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = running;
  }
  return adjusted;
}

double variance_inflation(const Eigen::VectorXd& concept_label,
                          const Eigen::MatrixXd& covariates) {
  const Eigen::MatrixXd q = basis_with_intercept(covariates);
  const double total = (concept_label.array() - concept_label.mean()).square().sum();
  const double unexplained =
      (concept_label - q * (q.transpose() * concept_label)).squaredNorm();
  if (total <= 0 || unexplained <= 1e-9 * total) return 1e12;
  return total / unexplained;
}

}  // namespace rationale::concepts
