// The exact randomisation test of a crossover: would the arms differ so much if only the order of the two
// readings had been drawn otherwise?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/statistics/estimate.h"
#include "study/statistics/order_draw.h"
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

/// What the order was drawn for: each case of a reader, each patient with all the patient's cases of that truth, or each
/// reader with all cases.
enum class DrawnUnit { kCase, kPatient, kReader };

struct RandomisationTest {
  DrawnUnit unit = DrawnUnit::kCase;
  bool is_stratified = false;  ///< within the values of the column stratum
  bool is_declared = false;    ///< unit and strata are the protocol's; else they are what the periods look like
  int statistic = 0;  ///< sum of positives, second arm minus first
  int n_left_out = 0;          ///< pairs of reader and case without two calls in two periods
  std::vector<ReaderPeriods> readers;
  double p_two_sided = 1, p_decrease = 1;  ///< P(|D| >= |D_obs|), P(D <= D_obs)
  double sum_of_probabilities = 1, variance = 0;
  double smallest_p = 1;    ///< two-sided, of the most extreme draw
  double p_coin_flip = 1;  ///< with independent fair coins: the exact sign test
  int discordant = 0;
};

/// Sharp null: no reading would have changed in the other order. A unit with v = positives in the earlier period less those
/// in the later one adds -v if the first arm came first, else v; which units of a group had it first is a draw without
/// replacement (multivariate hypergeometric), convolved over groups (statistics.md, section 9). Groups of a draw by case or
/// patient: reader, truth, the two periods, stratum; of a draw by reader: readers who share cases, the two periods. It holds
/// for these readers and cases, and generalises to nobody. Pairs that are not complete (a reading or its period is missing)
/// are left out: what is missing would have been missing in the other order, too. Draws of different readers are taken as independent; an
/// allocation by Latin squares ties them together, which these readings do not tell.
/// @param draw  what the protocol says; empty: by reader where every reader had one order for all cases, else by patient
///   where every patient's cases were read in one order, else by case; without strata
/// @return  NotEstimable "no_period" if the file does not say the period, "one_arm", "three_arms", "no_threshold",
///   "no_normal_cases" or "no_diseased_cases", "not_crossed" if fewer than half of the pairs of reader and case have both readings, "no_stratum" if the
///   declared column is missing, "not_randomised" if no group has both orders: period and arm are the same
std::variant<RandomisationTest, NotEstimable> randomisation_test(const StudyReadings& study, bool diseased_cases,
                                                                 const std::optional<OrderDraw>& draw = {});

}  // namespace rationale::study
