#include "study/statistics/accuracy.h"

#include "study/statistics/covariance.h"
#include "study/statistics/figure_of_merit.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::MatrixXd;

ArrayXd n_read(const CaseReadings& readings) { return readings.read.rowwise().sum().array(); }

/// By patient: right calls less what the cell's own share of them would give.
MatrixXd off_expected(const CaseReadings& right, const std::vector<int>& patient, int n_patients) {
  const ArrayXd share = right.value.rowwise().sum().array() / n_read(right).max(1.0);
  const MatrixXd off = right.value.array() - right.read.array().colwise() * share;
  return summed_columns(off, patient, n_patients);
}

}  // namespace

std::vector<std::optional<double>> accuracy(const RightCalls& right) {
  const ArrayXd n0 = n_read(right.normal), n1 = n_read(right.diseased);
  std::vector<std::optional<double>> result(static_cast<std::size_t>(n0.size()));
  for (Eigen::Index cell = 0; cell < n0.size(); ++cell) {
    if (n0(cell) == 0 || n1(cell) == 0) continue;
    result[static_cast<std::size_t>(cell)] =
        (right.normal.value.row(cell).sum() + right.diseased.value.row(cell).sum()) / (n0(cell) + n1(cell));
  }
  return result;
}

MatrixXd covariance_accuracy(const RightCalls& right) {
  const ArrayXd n0 = n_read(right.normal), n1 = n_read(right.diseased), n = (n0 + n1).max(1.0);
  const Eigen::VectorXd w0 = n0 / n, w1 = n1 / n;
  MatrixXd result = (w0 * w0.transpose()).cwiseProduct(covariance_proportion(right.normal)) +
                    (w1 * w1.transpose()).cwiseProduct(covariance_proportion(right.diseased));
  const Patients patients = patients_of(right.normal, right.diseased);
  if (!patients.is_any_mixed) return result;
  const MatrixXd both = off_expected(right.normal, patients.normal, patients.n) *
                        off_expected(right.diseased, patients.diseased, patients.n).transpose();
  const double factor = patients.n / (patients.n - 1.0);
  return result + factor * (both + both.transpose()).cwiseQuotient(n.matrix() * n.matrix().transpose());
}

}  // namespace rationale::study
