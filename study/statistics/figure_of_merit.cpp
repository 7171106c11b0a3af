#include "study/statistics/figure_of_merit.h"

#include <algorithm>
#include <array>

namespace rationale::study {
namespace {

using Matrix = Eigen::MatrixXd;
using Index = Eigen::Index;

/// Ratings as ranks within their cell, in single precision: they order as the ratings do, ties stay ties, and all
/// that is summed below stays exact (multiples of 1/4 up to 2^22: a file has fewer cases).
struct Ranked {
  Eigen::MatrixXf rank, read;
};

std::array<Ranked, 2> ranked(const CaseReadings& normal, const CaseReadings& diseased) {
  std::array<Ranked, 2> result;
  const std::array<const CaseReadings*, 2> both{&normal, &diseased};
  for (std::size_t k = 0; k < 2; ++k) result[k] = {Eigen::MatrixXf(both[k]->value.rows(), both[k]->value.cols()), both[k]->read.cast<float>()};
  std::vector<double> values;
  for (Index cell = 0; cell < normal.value.rows(); ++cell) {
    values.clear();
    for (const CaseReadings* one : both) {
      for (Index k = 0; k < one->value.cols(); ++k) values.push_back(one->value(cell, k));
    }
    std::ranges::sort(values);
    for (std::size_t t = 0; t < 2; ++t) {
      for (Index k = 0; k < both[t]->value.cols(); ++k) {
        const auto place = std::ranges::lower_bound(values, both[t]->value(cell, k));
        result[t].rank(cell, k) = static_cast<float>(place - values.begin());
      }
    }
  }
  return result;
}

/// psi of one diseased case against all normals, [cells, K0].
void set_psi(Eigen::MatrixXf& psi, const Ranked& normal, const Ranked& diseased, Index d) {
  const float* const above = diseased.rank.data() + d * psi.rows();
  const float* const above_read = diseased.read.data() + d * psi.rows();
  for (Index n = 0; n < psi.cols(); ++n) {
    const float* const below = normal.rank.data() + n * psi.rows();
    const float* const below_read = normal.read.data() + n * psi.rows();
    float* const result = psi.data() + n * psi.rows();
    for (Index cell = 0; cell < psi.rows(); ++cell) {
      const float order = 0.5F * ((above[cell] > below[cell] ? 1.0F : 0.0F) + (above[cell] >= below[cell] ? 1.0F : 0.0F));
      result[cell] = order * above_read[cell] * below_read[cell];
    }
  }
}

std::vector<std::vector<Index>> cases_of(const std::vector<int>& patient, int n) {
  std::vector<std::vector<Index>> cases(static_cast<std::size_t>(n));
  for (std::size_t k = 0; k < patient.size(); ++k) {
    cases[static_cast<std::size_t>(patient[k])].push_back(static_cast<Index>(k));
  }
  return cases;
}

/// psi of the diseased cases of any patient against the normal cases of one, by patient: [cells, patients].
Matrix against_normals_of(const CaseReadings& normal, const CaseReadings& diseased, const Patients& patients,
                          const std::vector<Index>& normals) {
  Matrix result = Matrix::Zero(normal.value.rows(), patients.n);
  for (Index d = 0; d < diseased.value.cols(); ++d) {
    for (const Index n : normals) {
      for (Index cell = 0; cell < result.rows(); ++cell) {
        const double above = diseased.value(cell, d), below = normal.value(cell, n);
        const double order = above > below ? 1.0 : above < below ? 0.0 : 0.5;
        result(cell, patients.diseased[static_cast<std::size_t>(d)]) +=
            order * diseased.read(cell, d) * normal.read(cell, n);
      }
    }
  }
  return result;
}

/// Sums over pairs of pairs between the same two patients, each pair less its cell's AUC. Patients are nodes, pairs
/// are edges: an edge from P to Q meets those from P to Q and those from Q to P; inside one patient both are one.
Matrix centred_same_patients(const CaseReadings& normal, const CaseReadings& diseased, const PairSums& sums) {
  const Patients& patients = sums.patients;
  const Matrix read1 = summed_columns(diseased.read, patients.diseased, patients.n);
  const Matrix read0 = summed_columns(normal.read, patients.normal, patients.n);
  const Eigen::ArrayXd pairs = read1.rowwise().sum().array() * read0.rowwise().sum().array();
  const Eigen::ArrayXd theta = (pairs > 0).select(sums.total.array() / pairs.max(1.0), 0.0);
  const auto diseased_of = cases_of(patients.diseased, patients.n);
  const auto normals_of = cases_of(patients.normal, patients.n);
  const auto [normal_rank, diseased_rank] = ranked(normal, diseased);
  Matrix result = Matrix::Zero(theta.size(), theta.size());
  Eigen::MatrixXf psi(theta.size(), normal.value.cols());
  for (Index p = 0; p < patients.n; ++p) {
    const auto& own_diseased = diseased_of[static_cast<std::size_t>(p)];
    const auto& own_normals = normals_of[static_cast<std::size_t>(p)];
    if (own_diseased.empty()) continue;
    Matrix from = Matrix::Zero(theta.size(), patients.n);  // edges from P
    for (const Index d : own_diseased) {
      set_psi(psi, normal_rank, diseased_rank, d);
      from += summed_columns(psi.cast<double>(), patients.normal, patients.n);
    }
    from.array() -= read0.array().colwise() * (theta * read1.col(p).array());
    result.noalias() += from * from.transpose();
    if (own_normals.empty()) continue;
    Matrix to = against_normals_of(normal, diseased, patients, own_normals);  // edges to P
    to.array() -= read1.array().colwise() * (theta * read0.col(p).array());
    result.noalias() += from * to.transpose() - 2 * from.col(p) * from.col(p).transpose();
  }
  return result;
}

}  // namespace

PairSums pair_sums(const CaseReadings& normal, const CaseReadings& diseased) {
  const Index cells = normal.value.rows(), k0 = normal.value.cols(), k1 = diseased.value.cols();
  PairSums sums;
  sums.patients = patients_of(normal, diseased);
  const Patients& patients = sums.patients;
  sums.is_clustered = patients.n < k0 + k1;
  sums.by_diseased = Matrix::Zero(cells, k1);
  sums.by_normal = Matrix::Zero(cells, k0);
  sums.same_pair = Matrix::Zero(cells, cells);
  sums.within = Matrix::Zero(cells, patients.n);
  sums.diseased_read = diseased.read;
  sums.normal_read = normal.read;
  const auto [normal_rank, diseased_rank] = ranked(normal, diseased);
  Eigen::MatrixXf psi(cells, k0), same(cells, cells);  // of one diseased case: keeps memory at cells x K0
  const auto diseased_of = cases_of(patients.diseased, patients.n);
  for (std::size_t p = 0; p < diseased_of.size(); ++p) {
    Matrix pairs;
    for (const Index d : diseased_of[p]) {
      set_psi(psi, normal_rank, diseased_rank, d);
      sums.by_diseased.col(d) = psi.rowwise().sum().cast<double>();
      sums.by_normal += psi.cast<double>();
      if (!sums.is_clustered) {
        same.setZero();
        same.selfadjointView<Eigen::Lower>().rankUpdate(psi);
        sums.same_pair += same.cast<double>();
        continue;
      }
      if (pairs.size() == 0) pairs = Matrix::Zero(cells, patients.n);
      pairs += summed_columns(psi.cast<double>(), patients.normal, patients.n);
    }
    if (pairs.size() == 0) continue;
    sums.same_pair.selfadjointView<Eigen::Lower>().rankUpdate(pairs);
    sums.within.col(static_cast<Index>(p)) = pairs.col(static_cast<Index>(p));
  }
  sums.same_pair.triangularView<Eigen::StrictlyUpper>() = sums.same_pair.transpose();
  sums.total = sums.by_diseased.rowwise().sum();
  if (sums.is_clustered) sums.same_patients = centred_same_patients(normal, diseased, sums);
  return sums;
}

std::vector<std::optional<double>> auc(const PairSums& sums) {
  std::vector<std::optional<double>> result(static_cast<std::size_t>(sums.total.size()));
  for (Index cell = 0; cell < sums.total.size(); ++cell) {
    const double pairs = sums.diseased_read.row(cell).sum() * sums.normal_read.row(cell).sum();
    if (pairs > 0) result[static_cast<std::size_t>(cell)] = sums.total(cell) / pairs;
  }
  return result;
}

std::vector<std::optional<double>> proportion(const CaseReadings& readings) {
  std::vector<std::optional<double>> result(static_cast<std::size_t>(readings.value.rows()));
  for (Index cell = 0; cell < readings.value.rows(); ++cell) {
    const double n = readings.read.row(cell).sum();
    if (n > 0) result[static_cast<std::size_t>(cell)] = readings.value.row(cell).sum() / n;
  }
  return result;
}

}  // namespace rationale::study
