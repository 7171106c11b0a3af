// Two arms read by one reader on the same cases: McNemar's tests of the discordant pairs.
#pragma once

#include <variant>

#include "study/statistics/case_readings.h"
#include "study/statistics/estimate.h"

namespace rationale::study {

struct DiscordantPairs {
  int first_only = 0, second_only = 0;  ///< positive in that arm only

  int n() const { return first_only + second_only; }
};

/// @param first, second  cells; cases that one of them did not read do not count
DiscordantPairs discordant_pairs(const CaseReadings& decisions, Eigen::Index first, Eigen::Index second);

struct McNemar {
  double chi2 = 0, p_chi2 = 1;
  double chi2_corrected = 0, p_corrected = 1;  ///< (max(|b - c| - 1, 0))^2 / n
  double p_exact = 1;                          ///< binomial
  double p_mid = 1;                            ///< exact less the probability of what was observed
};

/// @return  NotEstimable "no_discordant_pair"
std::variant<McNemar, NotEstimable> mcnemar(const DiscordantPairs& pairs);

/// The same of patients with several cases: differences of each patient's calls, second arm less first. chi^2 =
/// (sum d)^2 / sum d^2 and, exact, the signs of the patients' differences; with one case a patient McNemar's.
struct McNemarByPatient {
  double chi2 = 0, p_chi2 = 1, p_exact = 1;
};
/// @return  NotEstimable "no_discordant_pair" where every patient's differences cancel
std::variant<McNemarByPatient, NotEstimable> mcnemar_by_patient(const CaseReadings& decisions, Eigen::Index first,
                                                                Eigen::Index second);

/// What pooling all readers would claim. It takes readings for independent and rejects far too often or too
/// rarely (statistics.md, section 4): to compare with, never to conclude from.
struct NaivePooled {
  double z = 0, p = 1;          ///< two-proportion test
  double chi2 = 0, p_mcnemar = 1;
};

/// Over all readers: positive calls and readings of each arm, and how many pairs were called differently.
struct PooledCounts {
  double positive[2] = {0, 0}, read[2] = {0, 0};
  DiscordantPairs pairs;
};

/// @return  NotEstimable "zero_variance" without any positive or negative, "no_discordant_pair"
std::variant<NaivePooled, NotEstimable> naive_pooled(const PooledCounts& counts);
std::variant<NaivePooled, NotEstimable> naive_pooled(const CaseReadings& decisions, Eigen::Index n_readers);

}  // namespace rationale::study
