#include "study/statistics/covariance.h"

#include "data/base/error.h"

namespace rationale::study {
namespace {

using Matrix = Eigen::MatrixXd;
using Index = Eigen::Index;

void need_crossed(const PairSums& sums, const Matrix& diseased, const Matrix& normal) {
  const bool is_complete = sums.diseased_read.size() > 0 && sums.normal_read.size() > 0 &&
                           sums.diseased_read.minCoeff() > 0 && sums.normal_read.minCoeff() > 0;
  const auto patients = [](const Matrix& read) { return (read.row(0).array() > 0).count(); };
  if (is_complete && patients(diseased) > 1 && patients(normal) > 1) return;
  throw Error(Error::Kind::kInput,
              "DeLong and jackknife need the same cases, of two or more patients of each truth, in every cell", {},
              "use the unbiased covariance");
}

Matrix sample_covariance(const Matrix& values) {
  const Matrix centred = values.colwise() - values.rowwise().mean();
  return centred * centred.transpose() / static_cast<double>(values.cols() - 1);
}

/// Sums of psi over the pairs that a patient is in, [cells, patients].
Matrix incident(const PairSums& s) {
  return summed_columns(s.by_diseased, s.patients.diseased, s.patients.n) +
         summed_columns(s.by_normal, s.patients.normal, s.patients.n) - s.within;
}

Matrix squared(const Matrix& rows) { return rows * rows.transpose(); }

}  // namespace

PairProducts pair_products(const PairSums& s) {
  const Patients& patients = s.patients;
  const Matrix psi1 = summed_columns(s.by_diseased, patients.diseased, patients.n);
  const Matrix psi0 = summed_columns(s.by_normal, patients.normal, patients.n);
  const Matrix read1 = summed_columns(s.diseased_read, patients.diseased, patients.n);
  const Matrix read0 = summed_columns(s.normal_read, patients.normal, patients.n);
  const Matrix shared1 = squared(read1), shared0 = squared(read0);
  const Eigen::VectorXd n1 = read1.rowwise().sum(), n0 = read0.rowwise().sum();
  const Matrix all1 = squared(n1), all0 = squared(n0);
  PairProducts p;
  p.psi = {s.same_pair, squared(psi1), squared(psi0), squared(s.total)};
  p.count = {shared1.cwiseProduct(shared0), shared1.cwiseProduct(all0), all1.cwiseProduct(shared0),
             all1.cwiseProduct(all0)};
  if (!s.is_clustered) {
    p.disjoint_psi = p.psi[3] - p.psi[2] - p.psi[1] + p.psi[0];
    p.disjoint_count = p.count[3] - p.count[2] - p.count[1] + p.count[0];
    p.product_of_means = p.psi[3].cwiseQuotient(p.count[3].cwiseMax(1.0));
    return p;
  }
  // Two pairs with one patient in common are counted once by the sums over a patient's pairs, with two twice.
  const Matrix within = read1.cwiseProduct(read0);
  const Matrix touching = read1.cwiseProduct(n0.replicate(1, patients.n)) +
                          read0.cwiseProduct(n1.replicate(1, patients.n)) - within;
  const Matrix crossing = read1 * read0.transpose();
  const Eigen::ArrayXd pairs = n1.cwiseProduct(n0).array();
  const Eigen::ArrayXd theta = (pairs > 0).select(s.total.array() / pairs.max(1.0), 0.0);
  p.disjoint_psi = s.same_patients - squared(incident(s) - (touching.array().colwise() * theta).matrix());
  p.disjoint_count = p.count[3] - squared(touching) + p.count[0] + crossing.cwiseProduct(crossing.transpose()) -
                     2 * squared(within);
  p.product_of_means = Matrix::Zero(theta.size(), theta.size());
  return p;
}

Matrix covariance_delong(const PairSums& s) {
  const Matrix read1 = summed_columns(s.diseased_read, s.patients.diseased, s.patients.n);
  const Matrix read0 = summed_columns(s.normal_read, s.patients.normal, s.patients.n);
  need_crossed(s, read1, read0);
  const auto k1 = static_cast<double>(s.by_diseased.cols()), k0 = static_cast<double>(s.by_normal.cols());
  const Eigen::VectorXd theta = s.total / (k0 * k1);
  const auto patients = [](const Matrix& read) {
    return static_cast<double>((read.row(0).array() > 0).count());
  };
  const auto spread = [&](const Matrix& psi, const Matrix& read, double others) -> Matrix {
    return psi / others - (read.array().colwise() * theta.array()).matrix();
  };
  const Matrix z1 = spread(summed_columns(s.by_diseased, s.patients.diseased, s.patients.n), read1, k0);
  const Matrix z0 = spread(summed_columns(s.by_normal, s.patients.normal, s.patients.n), read0, k1);
  const double n1 = patients(read1), n0 = patients(read0), n = s.patients.n;
  Matrix result = squared(z1) * (n1 / ((n1 - 1) * k1 * k1)) + squared(z0) * (n0 / ((n0 - 1) * k0 * k0));
  if (s.patients.is_any_mixed) {
    const Matrix both = z1 * z0.transpose() * (n / (n - 1));
    result += (both + both.transpose()) / (k0 * k1);
  }
  return result;
}

Matrix jackknife_auc(const PairSums& s) {
  const Matrix read1 = summed_columns(s.diseased_read, s.patients.diseased, s.patients.n);
  const Matrix read0 = summed_columns(s.normal_read, s.patients.normal, s.patients.n);
  need_crossed(s, read1, read0);
  const Matrix left = s.total.replicate(1, s.patients.n) - incident(s);
  const Eigen::VectorXd n1 = read1.rowwise().sum(), n0 = read0.rowwise().sum();
  const Matrix pairs = (n1.replicate(1, s.patients.n) - read1).cwiseProduct(n0.replicate(1, s.patients.n) - read0);
  return left.cwiseQuotient(pairs);
}

Matrix covariance_jackknife(const PairSums& s) {
  const double n = s.patients.n;
  return sample_covariance(jackknife_auc(s)) * (n - 1) * (n - 1) / n;
}

Matrix covariance_unbiased(const PairProducts& p) {
  Matrix result = Matrix::Zero(p.disjoint_psi.rows(), p.disjoint_psi.cols());
  for (Index a = 0; a < result.rows(); ++a) {
    for (Index b = 0; b < result.cols(); ++b) {
      if (p.count[3](a, b) == 0 || p.disjoint_count(a, b) == 0) continue;
      result(a, b) = p.product_of_means(a, b) - p.disjoint_psi(a, b) / p.disjoint_count(a, b);
    }
  }
  return result;
}

Matrix covariance_proportion(const CaseReadings& readings) {
  PatientReadings patients = by_patient(readings);
  if (patients.read.cols() < readings.read.cols()) {
    const Eigen::ArrayXd read = patients.read.rowwise().sum().array();
    const Eigen::ArrayXd theta = patients.value.rowwise().sum().array() / read.max(1.0);
    patients.value.array() -= patients.read.array().colwise() * theta;
  }
  const Matrix both = squared(patients.value), shared = squared(patients.read);
  const Eigen::VectorXd positives = patients.value.rowwise().sum(), n = patients.read.rowwise().sum();
  Matrix result = Matrix::Zero(both.rows(), both.cols());
  for (Index a = 0; a < result.rows(); ++a) {
    for (Index b = 0; b < result.cols(); ++b) {
      const double d1 = shared(a, b), d2 = n(a) * n(b);
      if (d1 == 0 || d2 == d1) continue;
      result(a, b) = d1 / d2 * (both(a, b) / d1 - (positives(a) * positives(b) - both(a, b)) / (d2 - d1));
    }
  }
  return result;
}

}  // namespace rationale::study
