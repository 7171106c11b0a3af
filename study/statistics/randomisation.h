// The exact randomisation test of a crossover: would the arms differ so much if only the order of the two
// readings had been drawn otherwise?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/statistics/estimate.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// One reader's cases of one truth, read in both periods.
struct ReaderPeriods {
  std::string reader;
  int n = 0;             ///< cases
  int first_arm_first = 0;  ///< of them with the first arm in period 1 ("HV")
  int first_only = 0;    ///< positive in period 1 only
  int second_only = 0;   ///< positive in period 2 only
};

/// What the order was drawn for: each case, or each patient with all the patient's cases of that truth.
enum class DrawnUnit { kCase, kPatient };

struct RandomisationTest {
  DrawnUnit unit = DrawnUnit::kCase;
  int statistic = 0;  ///< sum of positives, second arm minus first
  std::vector<ReaderPeriods> readers;
  double p_two_sided = 1, p_decrease = 1;  ///< P(|D| >= |D_obs|), P(D <= D_obs)
  double sum_of_probabilities = 1, variance = 0;
  double p_coin_flip = 1;  ///< with independent fair coins: the exact sign test
  int discordant = 0;
};

/// Sharp null: no reading would have changed in the other order. Unit: the patient within reader and truth,
/// where every patient's cases were read in one order; else the case. A unit with v = positives in period 1 less
/// those in period 2 adds -v if the first arm came first, else v; which units had it first is a draw without
/// replacement (multivariate hypergeometric), convolved over readers (statistics.md, section 9). It holds for
/// these readers and cases, and generalises to nobody.
/// @return  NotEstimable "no_period" if the file does not say the period, "one_arm", "no_threshold",
///   "no_normal_cases" or "no_diseased_cases", "not_crossed" if a case was not read in both arms
std::variant<RandomisationTest, NotEstimable> randomisation_test(const StudyReadings& study,
                                                                 bool diseased_cases);

}  // namespace rationale::study
