// What a protocol fixes of the analysis, and what a computation may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/statistics/order_draw.h"
#include "study/statistics/small_sample.h"

namespace rationale::study {

/// How the primary end point is tested. Obuchowski-Rockette (of confidence and time: a paired t over readers);
/// U-statistic moments (bdg.h); a mixed model (linear_mixed.h, logistic_mixed.h). kBootstrap has an interval and no p.
enum class AnalysisMethod { kOrHillis, kUstat, kGlmm, kBootstrap };

enum class CovarianceMethod { kUnbiased, kDelong, kJackknife, kBootstrap };

enum class Claim { kTwoSided, kSuperiority, kNonInferiority, kEquivalence };

/// An end point as the protocol declares it. Better: lower for fpr and time, higher for all others.
struct PlannedEndpoint {
  std::string id, metric;
  Claim claim = Claim::kTwoSided;
  std::optional<double> margin;  ///< above 0, of non-inferiority and equivalence
  int order = 0;                 ///< of secondaries: place in the fixed sequence; 0: in the Holm family
  bool is_same_contrast = true;  ///< compares the arms that the primary compares
};

struct PlannedSubgroup {
  std::string id, column;
  int min_cases = 20;
};

/// One attribute of the estimand, in words.
struct EstimandAttribute {
  std::string name, text;
};

struct AnalysisPlan {
  std::string metric;  ///< of the primary end point; empty: no protocol
  PlannedEndpoint primary;
  std::vector<PlannedEndpoint> secondary;
  std::vector<PlannedSubgroup> subgroups;
  std::vector<std::string> shams;  ///< arms with a sham explanation
  std::vector<EstimandAttribute> estimand;
  std::optional<OrderDraw> draw;  ///< of the order of the arms; empty: not known
  double alpha = 0.05;
  AnalysisMethod method = AnalysisMethod::kOrHillis;  ///< of the primary; secondaries: kOrHillis
  bool has_fixed_readers = false;  ///< the claim is about these readers: FRRC leads
  CovarianceMethod covariance = CovarianceMethod::kUnbiased;
  SmallSampleMethod small_sample = SmallSampleMethod::kNone;
  std::uint64_t seed = 1;
  int replicates = 2000;  ///< of the bootstrap; 0: none
  int threads = 0;        ///< 0: one a processor; results do not depend on it
};

}  // namespace rationale::study
