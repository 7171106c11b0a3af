#include "study/statistics/mcnemar.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "study/statistics/small_sample.h"

namespace rationale::study {
namespace {

double chi2_tail(double chi2) { return f_tail(chi2, 1, std::nullopt); }

}  // namespace

DiscordantPairs discordant_pairs(const CaseReadings& decisions, Eigen::Index first, Eigen::Index second) {
  DiscordantPairs pairs;
  for (Eigen::Index k = 0; k < decisions.value.cols(); ++k) {
    if (decisions.read(first, k) == 0 || decisions.read(second, k) == 0) continue;
    pairs.first_only += decisions.value(first, k) > decisions.value(second, k) ? 1 : 0;
    pairs.second_only += decisions.value(first, k) < decisions.value(second, k) ? 1 : 0;
  }
  return pairs;
}

std::variant<McNemar, NotEstimable> mcnemar(const DiscordantPairs& pairs) {
  const int n = pairs.n();
  if (n == 0) return NotEstimable{"no_discordant_pair", "no case was called differently in the two arms", {}, {}};
  const double apart = std::abs(pairs.first_only - pairs.second_only);
  const double corrected = std::max(apart - 1, 0.0);
  const boost::math::binomial coin(n, 0.5);
  const int fewer = std::min(pairs.first_only, pairs.second_only);
  const double tail = 2 * cdf(coin, fewer), point = pdf(coin, fewer);
  McNemar result;
  result.chi2 = apart * apart / n;
  result.p_chi2 = chi2_tail(result.chi2);
  result.chi2_corrected = corrected * corrected / n;
  result.p_corrected = chi2_tail(result.chi2_corrected);
  result.p_exact = std::min(1.0, tail);
  result.p_mid = pairs.first_only == pairs.second_only ? 1 - point : tail - point;
  return result;
}

std::variant<McNemarByPatient, NotEstimable> mcnemar_by_patient(const CaseReadings& decisions, Eigen::Index first,
                                                                Eigen::Index second) {
  CaseReadings both = decisions;
  both.read = decisions.read.row(first).cwiseProduct(decisions.read.row(second));
  both.value = (decisions.value.row(second) - decisions.value.row(first)).cwiseProduct(both.read);
  const Eigen::RowVectorXd sums = by_patient(both).value.row(0);
  std::vector<int> differences;
  for (const double one : sums) {
    if (one != 0) differences.push_back(static_cast<int>(std::lround(one)));
  }
  if (differences.empty()) return NotEstimable{"no_discordant_pair", "no patient's cases were called differently in the two arms", {}, {}};
  McNemarByPatient result;
  result.chi2 = sums.sum() * sums.sum() / sums.squaredNorm();
  result.p_chi2 = chi2_tail(result.chi2);
  result.p_exact = sign_flip_p(differences);
  return result;
}

std::variant<NaivePooled, NotEstimable> naive_pooled(const PooledCounts& c) {
  const double pooled = (c.positive[0] + c.positive[1]) / (c.read[0] + c.read[1]);
  const double variance = pooled * (1 - pooled) * (1 / c.read[0] + 1 / c.read[1]);
  if (!(variance > 0)) return NotEstimable{"zero_variance", "every reading is called the same", {}, {}};
  if (c.pairs.n() == 0) return std::get<NotEstimable>(mcnemar(c.pairs));
  const double apart = c.pairs.first_only - c.pairs.second_only;
  NaivePooled result;
  result.z = (c.positive[1] / c.read[1] - c.positive[0] / c.read[0]) / std::sqrt(variance);
  result.p = chi2_tail(result.z * result.z);
  result.chi2 = apart * apart / c.pairs.n();
  result.p_mcnemar = chi2_tail(result.chi2);
  return result;
}

std::variant<NaivePooled, NotEstimable> naive_pooled(const CaseReadings& decisions, Eigen::Index n_readers) {
  PooledCounts counts;
  for (int arm = 0; arm < 2; ++arm) {
    counts.positive[arm] = decisions.value.middleRows(arm * n_readers, n_readers).sum();
    counts.read[arm] = decisions.read.middleRows(arm * n_readers, n_readers).sum();
  }
  for (Eigen::Index j = 0; j < n_readers; ++j) {
    const DiscordantPairs own = discordant_pairs(decisions, j, n_readers + j);
    counts.pairs.first_only += own.first_only;
    counts.pairs.second_only += own.second_only;
  }
  return naive_pooled(counts);
}

}  // namespace rationale::study
