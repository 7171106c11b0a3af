// How often readers switch, with an interval for readers and cases like these.
#pragma once

#include <optional>
#include <variant>

#include "study/statistics/ai_switch.h"
#include "study/statistics/estimate.h"

namespace rationale::study {

/// From the first arm's reading to the second's, of the pairs in which there was something to switch.
enum class SwitchKind {
  kAutomationBias,    ///< AI wrong: right before, wrong after. Normal cases: commission, diseased ones: omission
  kBeneficial,        ///< AI right: wrong before, right after
  kAwayFromRightAi,   ///< AI right: right before, wrong after
  kAwayFromWrongAi,   ///< AI wrong: wrong before, right after
};

struct SwitchRate {
  int n = 0, of = 0;  ///< switches and opportunities
  double rate = 0, se = 0;
  double lower = 0, upper = 1;  ///< 95 %
  bool has_readers = true;      ///< the interval is for readers and cases; one reader: for that reader and cases
};

/// rate = n / of, pooled. SE^2: the U-statistic variance over readers and cases of the calls "switched" (bdg.h), the
/// ideal bootstrap's where that is not positive; of one reader binomial, or the sandwich over patients with several cases.
/// Interval: Wilson (JASA 22:209, 1927) with the effective number
/// rate (1 - rate) / SE^2, at most `of`; where nobody or everybody switches, the number of different patients.
/// @return  NotEstimable "no_cases" where there was no opportunity
std::variant<SwitchRate, NotEstimable> switch_rate(const StudyReadings& study, SwitchKind kind,
                                                   std::optional<bool> truth = {}, std::optional<int> reader = {});

}  // namespace rationale::study
