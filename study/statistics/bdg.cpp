#include "study/statistics/bdg.h"

namespace rationale::study {
namespace {

using Matrix = Eigen::MatrixXd;
using Four = std::array<double, 4>;

/// Sums over: same pair; same case, all readers; same reader, all cases; everything.
Four sums(const Matrix& a, const Matrix& b) {
  return {a.cwiseProduct(b).sum(), a.colwise().sum().dot(b.colwise().sum()),
          a.rowwise().sum().dot(b.rowwise().sum()), a.sum() * b.sum()};
}

/// From sums over all to sums over different ones.
Four unbiased(const Four& n) {
  return {n[0], n[1] - n[0], n[2] - n[0], n[3] - n[1] - n[2] + n[0]};
}

BinaryMoments moments(const Matrix& x, const Matrix& x_read, const Matrix& y, const Matrix& y_read) {
  const Four u = unbiased(sums(x, y)), v = unbiased(sums(x_read, y_read));
  const double all = sums(x_read, y_read)[3];
  BinaryMoments result;
  for (std::size_t k = 0; k < 4; ++k) {
    result.m[k] = v[k] == 0 ? 0 : u[k] / v[k];
    result.coefficient[k] = all == 0 ? 0 : v[k] / all;
  }
  result.coefficient[3] -= 1;
  for (std::size_t k = 0; k < 4; ++k) result.covariance += result.coefficient[k] * result.m[k];
  return result;
}

}  // namespace

BinaryBdg binary_bdg(const CaseReadings& decisions) {
  const Eigen::Index n = decisions.value.rows() / 2;
  const Matrix x = decisions.value.topRows(n), y = decisions.value.bottomRows(n);
  const Matrix x_read = decisions.read.topRows(n), y_read = decisions.read.bottomRows(n);
  BinaryBdg result;
  result.rate = {x.sum() / x_read.sum(), y.sum() / y_read.sum()};
  result.arm1 = moments(x, x_read, x, x_read);
  result.arm2 = moments(y, y_read, y, y_read);
  result.cross = moments(x, x_read, y, y_read);
  result.var_difference =
      result.arm1.covariance + result.arm2.covariance - 2 * result.cross.covariance;
  return result;
}

}  // namespace rationale::study
