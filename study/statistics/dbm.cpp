#include "study/statistics/dbm.h"

#include <algorithm>
#include <cmath>

namespace rationale::study {

Dbm dbm(const Eigen::MatrixXd& theta, const Eigen::MatrixXd& without) {
  const Eigen::Index n_arms = theta.rows(), n_readers = theta.cols(), n_cases = without.cols();
  const auto i = static_cast<double>(n_arms), j = static_cast<double>(n_readers), k = static_cast<double>(n_cases);
  // Pseudovalues, recentred so that their mean over cases is theta.
  Eigen::MatrixXd y = -(k - 1) * without;
  const Eigen::VectorXd means = y.rowwise().mean();
  for (Eigen::Index cell = 0; cell < y.rows(); ++cell) {
    y.row(cell).array() += theta(cell / n_readers, cell % n_readers) - means(cell);
  }
  const double grand = theta.mean();
  const Eigen::VectorXd arm = theta.rowwise().mean();
  const Eigen::RowVectorXd reader = theta.colwise().mean(), one_case = y.colwise().mean();
  Eigen::MatrixXd arm_case(n_arms, n_cases), reader_case = Eigen::MatrixXd::Zero(n_readers, n_cases);
  for (Eigen::Index a = 0; a < n_arms; ++a) {
    const auto rows = y.middleRows(a * n_readers, n_readers);
    arm_case.row(a) = rows.colwise().mean();
    reader_case += rows / i;
  }
  Dbm result;
  result.arm = j * k * (arm.array() - grand).square().sum() / (i - 1);
  result.reader = i * k * (reader.array() - grand).square().sum() / (j - 1);
  result.cases = i * j * (one_case.array() - grand).square().sum() / (k - 1);
  double arm_reader = 0, arm_cases = 0, reader_cases = 0, rest = 0;
  for (Eigen::Index a = 0; a < n_arms; ++a) {
    for (Eigen::Index r = 0; r < n_readers; ++r) {
      const double pair = theta(a, r) - arm(a) - reader(r) + grand;
      arm_reader += pair * pair;
      for (Eigen::Index c = 0; c < n_cases; ++c) {
        const double left = y(a * n_readers + r, c) - theta(a, r) - arm_case(a, c) - reader_case(r, c) + arm(a) +
                            reader(r) + one_case(c) - grand;
        rest += left * left;
      }
    }
  }
  for (Eigen::Index c = 0; c < n_cases; ++c) {
    for (Eigen::Index a = 0; a < n_arms; ++a) {
      arm_cases += std::pow(arm_case(a, c) - arm(a) - one_case(c) + grand, 2);
    }
    for (Eigen::Index r = 0; r < n_readers; ++r) {
      reader_cases += std::pow(reader_case(r, c) - reader(r) - one_case(c) + grand, 2);
    }
  }
  result.arm_reader = k * arm_reader / ((i - 1) * (j - 1));
  result.arm_case = j * arm_cases / ((i - 1) * (k - 1));
  result.reader_case = i * reader_cases / ((j - 1) * (k - 1));
  result.rest = rest / ((i - 1) * (j - 1) * (k - 1));
  result.var_reader = (result.reader - result.arm_reader - result.reader_case + result.rest) / (i * k);
  result.var_case = (result.cases - result.arm_case - result.reader_case + result.rest) / (i * j);
  result.var_arm_reader = (result.arm_reader - result.rest) / k;
  result.var_arm_case = (result.arm_case - result.rest) / j;
  result.var_reader_case = (result.reader_case - result.rest) / i;
  result.var_error = result.rest;
  const double denominator = result.arm_reader + std::max(result.arm_case - result.rest, 0.0);
  result.df1 = i - 1;
  if (denominator < 1e-22) return result;  // rounding, in pseudovalues: k times that of theta
  result.f = result.arm / denominator;
  if (result.arm_reader > 1e-22) {
    result.df2 = denominator * denominator * (i - 1) * (j - 1) / (result.arm_reader * result.arm_reader);
  }
  result.p = f_tail(*result.f, result.df1, result.df2);
  result.se = std::sqrt(2 * denominator / (j * k));
  return result;
}

}  // namespace rationale::study
