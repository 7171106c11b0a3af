// Kenward-Roger: what the estimation of the variances costs the fixed effects.
#include <Eigen/Dense>

#include "study/statistics/linear_mixed.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Products with V^-1, in units of sigma^2.
struct Products {
  MatrixXd xx;          ///< X'V^-1 X
  MatrixXd xc;          ///< [K, p] Zc'V^-1 X
  MatrixXd xr;          ///< [p, m] X'V^-1 Zr
  MatrixXd rr;          ///< [m, m] Zr'V^-1 Zr
  MatrixXd cr;          ///< [K, m] Zc'V^-1 Zr
  MatrixXd case_reader; ///< [K, m] before readers are taken out: Zc'Vc^-1 Zr
  MatrixXd inner;       ///< [m, m] M: Zc'V^-1 Zc = diag(d) - H M H'
  VectorXd d;           ///< [K]
};

Products products(const MixedData& data, const LinearMixed& fit, const MixedSums& sums) {
  const Index m = sums.m, p = sums.p;
  const double tc2 = fit.theta(0) * fit.theta(0);
  MatrixXd a = sums.total;
  for (const auto& [n, cross] : sums.cross) a -= tc2 / (1 + tc2 * n) * cross;
  VectorXd shrink(data.n_cases);
  Products v;
  v.d.resize(data.n_cases);
  for (Index k = 0; k < data.n_cases; ++k) {
    const double n = sums.n_readings[static_cast<std::size_t>(k)];
    shrink(k) = 1 / (1 + tc2 * n);
    v.d(k) = n * shrink(k);
  }
  v.case_reader = shrink.asDiagonal() * sums.by_case.leftCols(m);
  const MatrixXd case_x = shrink.asDiagonal() * sums.by_case.middleCols(m, p);
  const MatrixXd azz = a.topLeftCorner(m, m), azx = a.block(0, m, m, p);
  v.inner = MatrixXd::Zero(m, m);
  if (m > 0) {
    const MatrixXd lambda = reader_factor(data, fit.readers, fit.theta);
    MatrixXd b = lambda.transpose() * azz * lambda;
    b.diagonal().array() += 1;
    v.inner = lambda * b.llt().solve(lambda.transpose());
  }
  v.xx = a.block(m, m, p, p) - azx.transpose() * v.inner * azx;
  v.xc = case_x - v.case_reader * v.inner * azx;
  v.xr = azx.transpose() - azx.transpose() * v.inner * azz;
  v.rr = azz - azz * v.inner * azz;
  v.cr = v.case_reader - v.case_reader * v.inner * azz;
  return v;
}

/// How V changes with each variance or covariance of readers: G = Zr S Zr'.
std::vector<MatrixXd> reader_directions(const MixedData& data, ReaderEffects readers) {
  const Index e = readers == ReaderEffects::kNone ? 0 : readers == ReaderEffects::kIntercept ? 1 : 2;
  const Index m = e * data.n_readers;
  const auto direction = [&](Index a, Index b) {
    MatrixXd s = MatrixXd::Zero(m, m);
    for (Index j = 0; j < m; j += e) s(j + a, j + b) = s(j + b, j + a) = 1;
    return s;
  };
  std::vector<MatrixXd> result;
  if (e > 0) result.push_back(direction(0, 0));
  if (readers == ReaderEffects::kSlopes) result.push_back(direction(0, 1));
  if (e > 1) result.push_back(direction(1, 1));
  return result;
}

/// The directions are V itself (in place of the residual: V is linear in the variances, so the space is the
/// same), cases, and those of readers.
struct Derivatives {
  std::vector<MatrixXd> p;               ///< X'V^-1 G_i V^-1 X
  std::vector<std::vector<MatrixXd>> q;  ///< X'V^-1 G_i V^-1 G_j V^-1 X
  MatrixXd trace;                        ///< tr(V^-1 G_i V^-1 G_j)
};

Derivatives derivatives(const MixedData& data, const LinearMixed& fit) {
  const MixedSums sums = mixed_sums(data, fit.readers);
  const Products v = products(data, fit, sums);
  const std::vector<MatrixXd> s = reader_directions(data, fit.readers);
  const std::size_t n = 2 + s.size();
  const auto place = [](std::size_t i) { return static_cast<Index>(i); };
  Derivatives d{std::vector<MatrixXd>(n), std::vector(n, std::vector<MatrixXd>(n)), MatrixXd(n, n)};
  const MatrixXd xch = v.xc.transpose() * v.case_reader, xcr = v.xc.transpose() * v.cr;
  const MatrixXd hh = v.case_reader.transpose() * v.case_reader, crcr = v.cr.transpose() * v.cr;
  const MatrixXd dh = v.case_reader.transpose() * v.d.asDiagonal() * v.case_reader;
  d.p[0] = v.xx;
  d.p[1] = v.xc.transpose() * v.xc;
  d.q[1][1] = v.xc.transpose() * v.d.asDiagonal() * v.xc - xch * v.inner * xch.transpose();
  d.trace(0, 0) = static_cast<double>(data.y.size());
  d.trace(0, 1) = v.d.sum() - (hh * v.inner).trace();
  d.trace(1, 1) = v.d.squaredNorm() - 2 * (dh * v.inner).trace() + (v.inner * hh * v.inner * hh).trace();
  for (std::size_t i = 0; i < s.size(); ++i) {
    d.p[i + 2] = v.xr * s[i] * v.xr.transpose();
    d.q[1][i + 2] = xcr * s[i] * v.xr.transpose();
    d.trace(0, place(i + 2)) = (v.rr * s[i]).trace();
    d.trace(1, place(i + 2)) = (crcr * s[i]).trace();
    for (std::size_t k = i; k < s.size(); ++k) {
      d.q[i + 2][k + 2] = v.xr * s[i] * v.rr * s[k] * v.xr.transpose();
      d.trace(place(i + 2), place(k + 2)) = (v.rr * s[i] * v.rr * s[k]).trace();
    }
  }
  for (std::size_t k = 0; k < n; ++k) d.q[0][k] = d.p[k];
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      d.q[i][k] = d.q[k][i].transpose();
      d.trace(place(i), place(k)) = d.trace(place(k), place(i));
    }
  }
  return d;
}

}  // namespace

std::variant<std::vector<Coefficient>, NotEstimable> kenward_roger(const MixedData& data,
                                                                   const LinearMixed& fit) {
  if (has_patient_effect(data)) {
    return NotEstimable{"several_cases_a_patient", "this adjustment is not made for an effect of the patient: see Satterthwaite's degrees of freedom",
                        {}, {}};
  }
  const Derivatives d = derivatives(data, fit);
  const auto n = static_cast<Index>(d.p.size());
  const MatrixXd phi = d.p[0].llt().solve(MatrixXd::Identity(data.x.cols(), data.x.cols()));
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  MatrixXd information(n, n);
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < n; ++k) {
      information(i, k) = d.trace(i, k) - 2 * (phi * d.q[at(i)][at(k)]).trace() +
                          (phi * d.p[at(i)] * phi * d.p[at(k)]).trace();
    }
  }
  // Directions differ by orders of magnitude: scale before judging whether the matrix has an inverse.
  const VectorXd scale = information.diagonal().cwiseAbs().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const Eigen::FullPivLU<MatrixXd> solver(scale.asDiagonal() * information * scale.asDiagonal());
  if (!solver.isInvertible()) {
    return NotEstimable{"no_information", "the variances cannot be told apart in these readings", {}, {}};
  }
  const MatrixXd w = 2 * (scale.asDiagonal() * solver.inverse() * scale.asDiagonal());
  MatrixXd bias = MatrixXd::Zero(phi.rows(), phi.cols());
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < n; ++k) {
      bias += w(i, k) * (d.q[at(i)][at(k)] - d.p[at(i)] * phi * d.p[at(k)]);
    }
  }
  const MatrixXd adjusted = fit.sigma * fit.sigma * (phi + 2 * phi * bias * phi);
  std::vector<std::optional<double>> df;
  for (Index c = 0; c < phi.rows(); ++c) {
    VectorXd change(n);
    for (Index i = 0; i < n; ++i) change(i) = phi.row(c) * d.p[at(i)] * phi.col(c);
    const double a = change.dot(w * change) / (phi(c, c) * phi(c, c));
    df.push_back(a > 0 ? std::optional(2 / a) : std::nullopt);
  }
  return coefficients(data, fit.beta, (adjusted + adjusted.transpose()) / 2, df);
}

}  // namespace rationale::study
