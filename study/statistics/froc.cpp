#include "study/statistics/froc.h"

#include <algorithm>
#include <numeric>

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A rating, or none.
struct Mark {
  double rating = 0;
  bool is_there = false;
};

/// 1, 1/2, 0 where `above` is above, equal to, below `below`; no mark is below every mark.
double psi(const Mark& below, const Mark& above) {
  if (below.is_there != above.is_there) return above.is_there ? 1 : 0;
  if (!below.is_there || below.rating == above.rating) return 0.5;
  return above.rating > below.rating ? 1 : 0;
}

Mark nonlesion(const FrocCase& one) { return {one.highest_nonlesion, one.has_nonlesion}; }

Mark lesion(const FrocCase& one, std::size_t l) { return {one.lesion_rating[l], one.is_marked[l]}; }

/// The highest of all marks of a case.
Mark highest(const FrocCase& one) {
  Mark best = nonlesion(one);
  for (std::size_t l = 0; l < one.lesion_rating.size(); ++l) {
    if (psi(best, lesion(one, l)) == 1) best = lesion(one, l);
  }
  return best;
}

/// Sum of h(d, x) over diseased d and x in a set of cases / (sum of weights of d x size of the set); and the
/// same without each patient.
struct PairMerit {
  MatrixXd h;        ///< [diseased, set]
  VectorXd weight;   ///< [diseased]; the set: all cases, normal first, or the normal ones

  double value() const { return h.sum() / (weight.sum() * static_cast<double>(h.cols())); }

  /// @param patient  of each case, normal first  @pre no patient has all normal or all diseased cases
  VectorXd without(const std::vector<int>& patient, int n_patients) const {
    const Index n_normal = static_cast<Index>(patient.size()) - h.rows();
    const VectorXd by_diseased = h.rowwise().sum(), by_set = h.colwise().sum().transpose();
    std::vector<std::vector<Index>> rows(static_cast<std::size_t>(n_patients)), columns = rows;
    for (std::size_t k = 0; k < patient.size(); ++k) {
      const auto place = static_cast<Index>(k);
      if (place >= n_normal) rows[static_cast<std::size_t>(patient[k])].push_back(place - n_normal);
      if (place < h.cols()) columns[static_cast<std::size_t>(patient[k])].push_back(place);
    }
    const double total = h.sum(), all_weight = weight.sum();
    VectorXd result(n_patients);
    for (Index p = 0; p < n_patients; ++p) {
      const auto &own_rows = rows[static_cast<std::size_t>(p)], &own_columns = columns[static_cast<std::size_t>(p)];
      double left = total, weight_left = all_weight;
      for (const Index d : own_rows) {
        left -= by_diseased(d);
        weight_left -= weight(d);
      }
      for (const Index k : own_columns) left -= by_set(k);
      if (!own_rows.empty() && !own_columns.empty()) left += h(own_rows, own_columns).sum();  // taken away twice
      result(p) = left / (weight_left * static_cast<double>(h.cols() - static_cast<Index>(own_columns.size())));
    }
    return result;
  }
};

PairMerit pair_merit(const FrocStudy& study, const std::vector<FrocCase>& cell, FrocMerit merit) {
  const auto n_normal = static_cast<Index>(study.normal.size());
  const auto n_diseased = static_cast<Index>(study.diseased.size());
  PairMerit result;
  const bool is_all = merit == FrocMerit::kAfroc1 || merit == FrocMerit::kWafroc1;
  const bool is_weighted = merit == FrocMerit::kWafroc || merit == FrocMerit::kWafroc1;
  const Index set = n_normal + (is_all ? n_diseased : 0);
  result.h = MatrixXd::Zero(n_diseased, set);
  result.weight = VectorXd::Ones(n_diseased);
  for (Index d = 0; d < n_diseased; ++d) {
    const FrocCase& diseased = cell[static_cast<std::size_t>(n_normal + d)];
    const auto& weights = study.weights[static_cast<std::size_t>(d)];
    if (merit == FrocMerit::kHrAuc) {
      for (Index k = 0; k < set; ++k) {
        result.h(d, k) = psi(nonlesion(cell[static_cast<std::size_t>(k)]), highest(diseased));
      }
      continue;
    }
    if (!is_weighted) result.weight(d) = static_cast<double>(weights.size());
    for (std::size_t l = 0; l < weights.size(); ++l) {
      const double w = is_weighted ? weights[l] : 1;
      const Mark z = lesion(diseased, l);
      for (Index k = 0; k < set; ++k) {
        result.h(d, k) += w * psi(nonlesion(cell[static_cast<std::size_t>(k)]), z);
      }
    }
  }
  return result;
}

/// Ratio of two sums over the cases that enter.
struct RateMerit {
  VectorXd numerator, denominator;

  double value() const { return numerator.sum() / denominator.sum(); }
  /// @param patient  of each of those cases; patients without one are left out
  VectorXd without(const std::vector<int>& patient) const {
    const PatientReadings sums = by_patient({numerator.transpose(), denominator.transpose(), patient});
    return ((numerator.sum() - sums.value.array()) / (denominator.sum() - sums.read.array())).matrix().transpose();
  }
};

bool is_of_normal(FrocMerit merit) { return merit == FrocMerit::kMaxNlf || merit == FrocMerit::kHrSp; }

RateMerit rate_merit(const FrocStudy& study, const std::vector<FrocCase>& cell, FrocMerit merit) {
  const bool is_normal = is_of_normal(merit);
  const std::size_t first = is_normal ? 0 : study.normal.size();
  const std::size_t n = is_normal ? study.normal.size() : study.diseased.size();
  const auto size = static_cast<Index>(n);
  RateMerit result{VectorXd::Zero(size), VectorXd::Ones(size)};
  for (std::size_t k = 0; k < n; ++k) {
    const FrocCase& one = cell[first + k];
    const auto place = static_cast<Index>(k);
    switch (merit) {
      case FrocMerit::kMaxLlf:
        result.numerator(place) = static_cast<double>(std::ranges::count(one.is_marked, true));
        result.denominator(place) = static_cast<double>(one.is_marked.size());
        break;
      case FrocMerit::kMaxNlf: result.numerator(place) = one.n_nonlesion; break;
      case FrocMerit::kHrSp: result.numerator(place) = one.has_nonlesion ? 0 : 1; break;
      default: result.numerator(place) = highest(one).is_there ? 1 : 0;
    }
  }
  return result;
}

bool is_pair_merit(FrocMerit merit) {
  return merit == FrocMerit::kWafroc || merit == FrocMerit::kAfroc || merit == FrocMerit::kWafroc1 ||
         merit == FrocMerit::kAfroc1 || merit == FrocMerit::kHrAuc;
}

}  // namespace

int FrocStudy::n_lesions() const {
  return std::accumulate(weights.begin(), weights.end(), 0, [](int n, const std::vector<double>& one) {
    return n + static_cast<int>(one.size());
  });
}

PatientFacts FrocStudy::patients() const { return patient_facts(normal_patient, diseased_patient, has_patient_column); }

MatrixXd FrocJackknife::covariance() const {
  const auto k = static_cast<double>(without.cols());
  const MatrixXd centred = without.colwise() - without.rowwise().mean();
  return centred * centred.transpose() * ((k - 1) / k);
}

MatrixXd FrocJackknife::table(Index n_readers) const {
  return value.reshaped(n_readers, value.size() / n_readers).transpose();
}

FrocJackknife froc_jackknife(const FrocStudy& study, FrocMerit merit) {
  const auto n_cells = static_cast<Index>(study.cells.size());
  std::vector<int> patient = study.normal_patient;
  patient.insert(patient.end(), study.diseased_patient.begin(), study.diseased_patient.end());
  const int n_patients = study.patients().n;
  FrocJackknife result;
  result.value.resize(n_cells);
  for (Index cell = 0; cell < n_cells; ++cell) {
    const std::vector<FrocCase>& cases = study.cells[static_cast<std::size_t>(cell)];
    VectorXd without;
    if (is_pair_merit(merit)) {
      const PairMerit pairs = pair_merit(study, cases, merit);
      result.value(cell) = pairs.value();
      without = pairs.without(patient, n_patients);
    } else {
      const RateMerit rate = rate_merit(study, cases, merit);
      result.value(cell) = rate.value();
      without = rate.without(is_of_normal(merit) ? study.normal_patient : study.diseased_patient);
    }
    if (cell == 0) result.without.resize(n_cells, without.size());
    result.without.row(cell) = without.transpose();
  }
  return result;
}

}  // namespace rationale::study
