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
/// same without each case.
struct PairMerit {
  MatrixXd h;        ///< [diseased, set]
  VectorXd weight;   ///< [diseased]
  bool is_all = false;  ///< the set is all cases, normal first; else the normal ones

  double value() const { return h.sum() / (weight.sum() * static_cast<double>(h.cols())); }

  VectorXd without(Index n_normal) const {
    const double total = h.sum(), all_weight = weight.sum();
    const auto set = static_cast<double>(h.cols());
    const VectorXd by_diseased = h.rowwise().sum(), by_set = h.colwise().sum().transpose();
    VectorXd result(n_normal + h.rows());
    for (Index k = 0; k < n_normal; ++k) result(k) = (total - by_set(k)) / (all_weight * (set - 1));
    for (Index d = 0; d < h.rows(); ++d) {
      const Index place = n_normal + d;
      double left = total - by_diseased(d), others = set;
      if (is_all) {  // the case leaves both sides
        left -= by_set(place) - h(d, place);
        others -= 1;
      }
      result(place) = left / ((all_weight - weight(d)) * others);
    }
    return result;
  }
};

PairMerit pair_merit(const FrocStudy& study, const std::vector<FrocCase>& cell, FrocMerit merit) {
  const auto n_normal = static_cast<Index>(study.normal.size());
  const auto n_diseased = static_cast<Index>(study.diseased.size());
  PairMerit result;
  result.is_all = merit == FrocMerit::kAfroc1 || merit == FrocMerit::kWafroc1;
  const bool is_weighted = merit == FrocMerit::kWafroc || merit == FrocMerit::kWafroc1;
  const Index set = n_normal + (result.is_all ? n_diseased : 0);
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
  VectorXd without() const {
    return (numerator.sum() - numerator.array()) / (denominator.sum() - denominator.array());
  }
};

RateMerit rate_merit(const FrocStudy& study, const std::vector<FrocCase>& cell, FrocMerit merit) {
  const bool is_normal = merit == FrocMerit::kMaxNlf || merit == FrocMerit::kHrSp;
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
  FrocJackknife result;
  result.value.resize(n_cells);
  for (Index cell = 0; cell < n_cells; ++cell) {
    const std::vector<FrocCase>& cases = study.cells[static_cast<std::size_t>(cell)];
    VectorXd without;
    if (is_pair_merit(merit)) {
      const PairMerit pairs = pair_merit(study, cases, merit);
      result.value(cell) = pairs.value();
      without = pairs.without(static_cast<Index>(study.normal.size()));
    } else {
      const RateMerit rate = rate_merit(study, cases, merit);
      result.value(cell) = rate.value();
      without = rate.without();
    }
    if (cell == 0) result.without.resize(n_cells, without.size());
    result.without.row(cell) = without.transpose();
  }
  return result;
}

}  // namespace rationale::study
