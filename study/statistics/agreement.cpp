#include "study/statistics/agreement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

NotEstimable one_category() {
  return {"one_category", "everyone gave the same category: chance alone agrees always", {}, {}};
}

/// The categories that occur, ascending.
std::vector<int> used(const Eigen::MatrixXi& categories) {
  std::vector<int> result(categories.data(), categories.data() + categories.size());
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Index place(const std::vector<int>& categories, int one) {
  return std::ranges::lower_bound(categories, one) - categories.begin();
}

/// How many raters gave each category to each case: [cases, Q].
MatrixXd votes(const Categories& categories, const std::vector<int>& names) {
  MatrixXd result = MatrixXd::Zero(categories.rows(), static_cast<Index>(names.size()));
  for (Index k = 0; k < categories.rows(); ++k) {
    for (Index j = 0; j < categories.cols(); ++j) result(k, place(names, categories(k, j))) += 1;
  }
  return result;
}

std::optional<NotEstimable> too_little(const Categories& categories) {
  if (categories.rows() == 0) return NotEstimable{"no_cases", "no case was read by everyone", {}, {}};
  if (categories.cols() < 2) return NotEstimable{"one_rater", "agreement needs two raters", {}, {}};
  return std::nullopt;
}

/// Of the pairs of raters of one case, the share that agrees: [cases].
VectorXd pairs_that_agree(const MatrixXd& vote, double raters) {
  return (vote.array() * (vote.array() - 1)).rowwise().sum() / (raters * (raters - 1));
}

/// Deviations of the cases, summed for each patient; without patients the deviations themselves.
VectorXd by_patient(const VectorXd& deviations, const std::vector<int>& patient) {
  if (patient.empty()) return deviations;
  std::map<int, double> sums;
  for (Index k = 0; k < deviations.size(); ++k) sums[patient[static_cast<std::size_t>(k)]] += deviations(k);
  VectorXd result(static_cast<Index>(sums.size()));
  Index place = 0;
  for (const auto& [name, sum] : sums) result(place++) = sum;
  return result;
}

MatrixXd weight_table(KappaWeights weights, Index q) {
  MatrixXd w = MatrixXd::Identity(q, q);
  if (weights == KappaWeights::kNone || q < 2) return w;
  for (Index r = 0; r < q; ++r) {
    for (Index s = 0; s < q; ++s) {
      const double apart = std::abs(static_cast<double>(r - s)) / static_cast<double>(q - 1);
      w(r, s) = 1 - (weights == KappaWeights::kLinear ? apart : apart * apart);
    }
  }
  return w;
}

}  // namespace

std::variant<CohenKappa, NotEstimable> cohen_kappa(const Eigen::VectorXi& first, const Eigen::VectorXi& second,
                                                   KappaWeights weights, const std::vector<int>& patient) {
  Categories both(first.size(), 2);
  both << first, second;
  if (auto why = too_little(both)) return *why;
  const std::vector<int> names = used(both);
  const auto q = static_cast<Index>(names.size());
  CohenKappa result;
  result.n = static_cast<int>(first.size());
  result.table = Eigen::MatrixXi::Zero(q, q);
  for (Index k = 0; k < first.size(); ++k) ++result.table(place(names, first(k)), place(names, second(k)));
  const double n = result.n;
  const MatrixXd p = result.table.cast<double>() / n;
  const VectorXd row = p.rowwise().sum(), column = p.colwise().sum().transpose();
  const MatrixXd w = weight_table(weights, q), by_chance = row * column.transpose();
  result.observed = w.cwiseProduct(p).sum();
  result.expected = w.cwiseProduct(by_chance).sum();
  const double chance = 1 - result.expected;
  if (chance < 1e-12) return one_category();
  result.kappa = (result.observed - result.expected) / chance;
  const VectorXd mean_row = w * column, mean_column = w.transpose() * row;
  const MatrixXd means = mean_row.replicate(1, q) + mean_column.transpose().replicate(q, 1);
  const double off = 1 - result.kappa, scale = n * chance * chance;
  const double at_kappa = p.cwiseProduct((w - means * off).cwiseAbs2()).sum() -
                          std::pow(result.kappa - result.expected * off, 2);
  const double at_null = by_chance.cwiseProduct((w - means).cwiseAbs2()).sum() - result.expected * result.expected;
  if (patient.empty()) {
    result.se = std::sqrt(std::max(at_kappa, 0.0) / scale);
  } else {
    const MatrixXd at = w - means * off;
    VectorXd deviations(first.size());
    for (Index k = 0; k < first.size(); ++k) {
      deviations(k) = at(place(names, first(k)), place(names, second(k))) - (result.kappa - result.expected * off);
    }
    result.se = std::sqrt(by_patient(deviations, patient).squaredNorm() / (n * scale));
  }
  result.se_null = std::sqrt(std::max(at_null, 0.0) / scale);
  return result;
}

std::variant<FleissKappa, NotEstimable> fleiss_kappa(const Categories& categories) {
  if (auto why = too_little(categories)) return *why;
  const MatrixXd vote = votes(categories, used(categories));
  const auto n = static_cast<double>(categories.rows()), m = static_cast<double>(categories.cols());
  const VectorXd p = vote.colwise().sum().transpose() / (n * m);
  FleissKappa result;
  result.observed = pairs_that_agree(vote, m).mean();
  result.expected = p.squaredNorm();
  const double chance = 1 - result.expected;
  if (chance < 1e-12) return one_category();
  result.kappa = (result.observed - result.expected) / chance;
  const Eigen::ArrayXd pq = p.array() * (1 - p.array());
  const double spread = pq.sum();
  const double inner = spread * spread - (pq * (1 - 2 * p.array())).sum();
  result.se_null = std::sqrt(2.0) / (spread * std::sqrt(n * m * (m - 1))) * std::sqrt(inner);
  result.z = result.kappa / result.se_null;
  result.p = 2 * normal_tail(std::abs(result.z));
  return result;
}

std::variant<Ac1, NotEstimable> gwet_ac1(const Categories& categories, const std::vector<int>& patient) {
  if (auto why = too_little(categories)) return *why;
  const std::vector<int> names = used(categories);
  if (names.size() < 2) return one_category();
  const MatrixXd vote = votes(categories, names);
  const auto n = static_cast<double>(categories.rows()), m = static_cast<double>(categories.cols());
  const double others = static_cast<double>(names.size()) - 1;
  const VectorXd share = vote.colwise().mean().transpose() / m;
  const VectorXd agree = pairs_that_agree(vote, m);
  Ac1 result;
  result.observed = agree.mean();
  result.expected = (share.array() * (1 - share.array())).sum() / others;
  const double chance = 1 - result.expected;
  result.ac1 = (result.observed - result.expected) / chance;
  const VectorXd by_case = vote / m * (1 - share.array()).matrix() / others;
  const Eigen::ArrayXd part = (agree.array() - result.expected) / chance -
                              2 * (1 - result.ac1) * (by_case.array() - result.expected) / chance;
  const VectorXd deviations = by_patient((part - result.ac1).matrix(), patient);
  const auto units = static_cast<double>(deviations.size());
  if (units > 1) result.se = std::sqrt(deviations.squaredNorm() * units / (units - 1)) / n;
  return result;
}

}  // namespace rationale::study
