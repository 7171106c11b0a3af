#include "study/statistics/figure_of_merit.h"

#include "data/base/error.h"

namespace rationale::study {
namespace {

void need_crossed(const PairSums& sums) {
  const bool complete = sums.diseased_read.minCoeff() > 0 && sums.normal_read.minCoeff() > 0;
  if (!complete || sums.diseased_read.cols() < 2 || sums.normal_read.cols() < 2) {
    throw Error(Error::Kind::kInput,
                "DeLong and jackknife need the same two or more cases of each truth in every cell",
                {}, "use the unbiased covariance");
  }
}

Eigen::MatrixXd sample_covariance(const Eigen::MatrixXd& values) {
  const Eigen::MatrixXd centred = values.colwise() - values.rowwise().mean();
  return centred * centred.transpose() / static_cast<double>(values.cols() - 1);
}

/// One unbiased product sum: the share of D4 and its mean, 0 where there is no such pair of pairs.
double mean_times(double sum, double count) { return count != 0 ? sum / count : 0.0; }

}  // namespace

PairSums pair_sums(const CaseReadings& normal, const CaseReadings& diseased) {
  const Eigen::Index cells = normal.value.rows();
  const Eigen::Index k0 = normal.value.cols();
  const Eigen::Index k1 = diseased.value.cols();
  PairSums sums;
  sums.by_diseased = Eigen::MatrixXd::Zero(cells, k1);
  sums.by_normal = Eigen::MatrixXd::Zero(cells, k0);
  sums.same_pair = Eigen::MatrixXd::Zero(cells, cells);
  sums.diseased_read = diseased.read;
  sums.normal_read = normal.read;
  Eigen::MatrixXd psi(cells, k0);  // of one diseased case: keeps memory at cells x K0
  for (Eigen::Index d = 0; d < k1; ++d) {
    for (Eigen::Index n = 0; n < k0; ++n) {
      for (Eigen::Index cell = 0; cell < cells; ++cell) {
        const double above = diseased.value(cell, d);
        const double below = normal.value(cell, n);
        const double order = above > below ? 1.0 : above < below ? 0.0 : 0.5;
        psi(cell, n) = order * diseased.read(cell, d) * normal.read(cell, n);
      }
    }
    sums.by_diseased.col(d) = psi.rowwise().sum();
    sums.by_normal += psi;
    sums.same_pair.noalias() += psi * psi.transpose();
  }
  sums.total = sums.by_diseased.rowwise().sum();
  return sums;
}

std::vector<std::optional<double>> auc(const PairSums& sums) {
  std::vector<std::optional<double>> result(static_cast<std::size_t>(sums.total.size()));
  for (Eigen::Index cell = 0; cell < sums.total.size(); ++cell) {
    const double pairs = sums.diseased_read.row(cell).sum() * sums.normal_read.row(cell).sum();
    if (pairs > 0) result[static_cast<std::size_t>(cell)] = sums.total(cell) / pairs;
  }
  return result;
}

std::vector<std::optional<double>> proportion(const CaseReadings& readings) {
  std::vector<std::optional<double>> result(static_cast<std::size_t>(readings.value.rows()));
  for (Eigen::Index cell = 0; cell < readings.value.rows(); ++cell) {
    const double n = readings.read.row(cell).sum();
    if (n > 0) result[static_cast<std::size_t>(cell)] = readings.value.row(cell).sum() / n;
  }
  return result;
}

Eigen::MatrixXd covariance_delong(const PairSums& sums) {
  need_crossed(sums);
  const auto k1 = static_cast<double>(sums.by_diseased.cols());
  const auto k0 = static_cast<double>(sums.by_normal.cols());
  return sample_covariance(sums.by_diseased / k0) / k1 + sample_covariance(sums.by_normal / k1) / k0;
}

Eigen::MatrixXd covariance_jackknife(const PairSums& sums) {
  need_crossed(sums);
  const Eigen::Index n1 = sums.by_diseased.cols();
  const Eigen::Index n0 = sums.by_normal.cols();
  const auto k1 = static_cast<double>(n1);
  const auto k0 = static_cast<double>(n0);
  Eigen::MatrixXd without(sums.total.size(), n0 + n1);
  without.leftCols(n0) = (-sums.by_normal).colwise() + sums.total;
  without.leftCols(n0) /= k1 * (k0 - 1);
  without.rightCols(n1) = (-sums.by_diseased).colwise() + sums.total;
  without.rightCols(n1) /= (k1 - 1) * k0;
  const double k = k0 + k1;
  return sample_covariance(without) * (k - 1) * (k - 1) / k;
}

Eigen::MatrixXd covariance_unbiased(const PairSums& sums) {
  const Eigen::Index cells = sums.total.size();
  const Eigen::MatrixXd same_diseased = sums.by_diseased * sums.by_diseased.transpose();
  const Eigen::MatrixXd same_normal = sums.by_normal * sums.by_normal.transpose();
  const Eigen::MatrixXd shared1 = sums.diseased_read * sums.diseased_read.transpose();
  const Eigen::MatrixXd shared0 = sums.normal_read * sums.normal_read.transpose();
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(cells, cells);
  for (Eigen::Index a = 0; a < cells; ++a) {
    for (Eigen::Index b = 0; b <= a; ++b) {
      // N and D in the order: same pair; same diseased; same normal; any.
      const double n1 = sums.same_pair(a, b), n2 = same_diseased(a, b), n3 = same_normal(a, b);
      const double n4 = sums.total(a) * sums.total(b);
      const double all1 = shared1(a, a) * shared1(b, b);
      const double all0 = shared0(a, a) * shared0(b, b);
      const double d1 = shared1(a, b) * shared0(a, b), d2 = shared1(a, b) * all0;
      const double d3 = all1 * shared0(a, b), d4 = all1 * all0;
      if (d4 == 0) continue;
      const double v1 = d1, v2 = d2 - d1, v3 = d3 - d1, v4 = d1 - d2 - d3 + d4;
      const double any = mean_times(n1 - n2 - n3 + n4, v4);
      result(a, b) = v1 / d4 * mean_times(n1, v1) + v2 / d4 * mean_times(n2 - n1, v2) +
                     v3 / d4 * mean_times(n3 - n1, v3) + (v4 / d4 - 1) * any;
      result(b, a) = result(a, b);
    }
  }
  return result;
}

Eigen::MatrixXd covariance_proportion(const CaseReadings& readings) {
  const Eigen::Index cells = readings.value.rows();
  const Eigen::MatrixXd both = readings.value * readings.value.transpose();
  const Eigen::MatrixXd shared = readings.read * readings.read.transpose();
  const Eigen::VectorXd positives = readings.value.rowwise().sum();
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(cells, cells);
  for (Eigen::Index a = 0; a < cells; ++a) {
    for (Eigen::Index b = 0; b < cells; ++b) {
      const double d1 = shared(a, b);
      const double d2 = shared(a, a) * shared(b, b);
      if (d1 == 0 || d2 == d1) continue;
      const double n1 = both(a, b);
      const double n2 = positives(a) * positives(b);
      result(a, b) = d1 / d2 * (n1 / d1 - (n2 - n1) / (d2 - d1));
    }
  }
  return result;
}

}  // namespace rationale::study
