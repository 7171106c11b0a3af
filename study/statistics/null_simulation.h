// How often each test of a difference of false-positive rates rejects when there is none: studies drawn from a probit
// model with crossed random effects, readers and cases new each time (statistics.md, section 4).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "study/statistics/simulated_study.h"

namespace rationale::study {

struct NullScenario {
  std::string name;
  LatentVariances variances;  ///< add up to 1
};
/// No, small and large reader x arm variance: 0, 0.01, 0.04.
const std::vector<NullScenario>& null_scenarios();

struct NullStudy {
  int readers = 3, normal_cases = 180;
  double rate = 0.23;  ///< in both arms
  int replicates = 10000;
  std::uint64_t seed = 1;
  int threads = 0;  ///< results do not depend on it
};

struct RejectionRate {
  std::string test;
  bool is_naive = false;  ///< pooled over readers: to compare with only
  int rejected = 0, not_estimable = 0;
  double rate = 0;           ///< rejected / replicates; not estimable is not rejected
  double standard_error = 0;  ///< Monte Carlo
};

/// Share of p < 0.05, two-sided. The permutation test is left out below six readers.
/// @param on_progress  replicates done so far
std::vector<RejectionRate> null_rejections(const NullScenario& scenario, const NullStudy& study,
                                           const std::function<void(int)>& on_progress = {});

}  // namespace rationale::study
