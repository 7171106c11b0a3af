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

/// Wilson's score interval of a rate (JASA 22, 1927). At 0 and n hits the outer limit is exactly 0 or 1.
/// It treats the n cases as independent: say so where patients repeat. Not estimable ("no_values") for n = 0.
Estimate wilson(std::size_t hits, std::size_t n);

}  // namespace rationale::explain
