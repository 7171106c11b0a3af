// Intervals that count patients: several films of one patient are no independent evidence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "explain/quality/measure.h"

namespace rationale::explain {

/// A mean or a rate with its 95 % interval.
struct Estimate {
  Measure mean;
  Measure lower, upper;  ///< not estimable together
  std::size_t n = 0;     ///< values
  std::size_t n_patients = 0;
};

struct Resampling {
  std::uint64_t seed = 1;
  int n_resamples = 2000;
};

/// Mean of `values`; interval: 2.5 and 97.5 percentiles of the mean when patients are drawn with replacement
/// and bring all their values (cluster bootstrap). The same seed gives the same interval.
/// Not estimable ("no_values"); the interval with fewer than 3 patients ("too_few_patients").
/// @param patients  one for each value; an empty name is a patient of its own
Estimate mean_over_patients(const std::vector<double>& values, const std::vector<std::string>& patients,
                            const Resampling& resampling);

/// Rate of hits (0 or 1 each) with Wilson's score interval (JASA 22, 1927), with the effective number of cases in place
/// of n where patients have several: n / design effect (Kish, Survey Sampling, 1965), at most n, and the number of
/// patients where all cases agree. Not estimable as mean_over_patients.
/// @param patients  one for each value; an empty name is a patient of its own
Estimate rate_over_patients(const std::vector<double>& hits, const std::vector<std::string>& patients);

}  // namespace rationale::explain
