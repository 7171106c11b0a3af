// The variance of a difference for any pattern of missing readings, from moments over pairs of readings
// (Gallas, Acad Radiol 13:353, 2006; Gallas, Pennello & Myers, JOSA A 24:B70, 2007; iMRMC). The estimate is
// pooled over readings: with holes it is not the mean over readers.
#pragma once

#include <array>
#include <vector>

#include "study/statistics/covariance.h"
#include "study/statistics/estimate.h"

namespace rationale::study {

/// Means of products of two readings, by what the two have in common; a moment without any pair is 0.
/// AUC: 8; same reader: pair, diseased, normal, neither; then the same for different readers.
/// Proportion: 4; same case and reader; same case; same reader; neither.
struct Moments {
  std::vector<double> unbiased;  ///< over readings that have exactly that in common
  std::vector<double> biased;    ///< over readings that have at least that in common
  std::vector<double> coefficient;
  double variance = 0;         ///< sum of coefficient x unbiased: of the arm, or Cov of the two; may be < 0
  double variance_biased = 0;  ///< with biased moments: the ideal bootstrap's (V-statistic)
};

struct Bdg {
  std::vector<double> mean;  ///< of each arm, pooled over readings
  std::vector<Moments> arms;
  std::optional<Moments> cross;           ///< of two arms
  std::vector<std::optional<double>> df;  ///< of each arm; empty where its variance is negative
  double variance = 0, variance_biased = 0;  ///< of the difference, second arm minus first
  Outcome difference;       ///< with the unbiased variance; "negative_variance" can happen
  Outcome ideal_bootstrap;  ///< with the biased variance, which is never negative: the fall-back
};

/// Degrees of freedom: Obuchowski, Gallas & Hillis, Acad Radiol 19:1508, 2012; for proportions the same
/// with cases and readers for normal cases, diseased cases and readers.
/// @param arms  one or two, places in the study
/// @pre every arm has readings of each kind; no patient has cases of both truths
Bdg auc_bdg(const PairSums& sums, const PairProducts& products, Eigen::Index n_readers,
            const std::vector<Eigen::Index>& arms);
Bdg proportion_bdg(const CaseReadings& decisions, Eigen::Index n_readers, const std::vector<Eigen::Index>& arms);

}  // namespace rationale::study
