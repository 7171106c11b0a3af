// What a protocol fixes of the analysis, and what a computation may use.
#pragma once

#include <cstdint>
#include <string>

#include "study/statistics/small_sample.h"

namespace rationale::study {

enum class CovarianceMethod { kUnbiased, kDelong, kJackknife, kBootstrap };

struct AnalysisPlan {
  std::string metric;  ///< of the primary end point; empty: no protocol
  CovarianceMethod covariance = CovarianceMethod::kUnbiased;
  SmallSampleMethod small_sample = SmallSampleMethod::kNone;
  std::uint64_t seed = 1;
  int replicates = 2000;  ///< of the bootstrap; 0: none
  int threads = 0;        ///< 0: one a processor; results do not depend on it
};

}  // namespace rationale::study
