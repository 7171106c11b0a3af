// Confidence and time: the paired t test on reader means, which treats readers as random and cases as they
// are.
#pragma once

#include "study/statistics/primary.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

struct ReaderMeans {
  std::vector<double> first, second;  ///< of each reader; of log time: geometric means are exp
  Outcome difference;                 ///< second minus first; t with J - 1 degrees of freedom
};

enum class Measure { kConfidence, kLogTime };

/// Each reader's mean in each arm, without a covariance over cases.
Merits mean_merits(const StudyReadings& study, Measure measure);

/// @return  NotEstimable "no_column" if the file has it not, "one_arm", "one_reader", "readers_nested_in_arms" where nothing is
///   paired (then difference_rrfc of mean_merits is the unpaired test), "empty_cell"
std::variant<ReaderMeans, NotEstimable> reader_means(const StudyReadings& study, Measure measure);

}  // namespace rationale::study
