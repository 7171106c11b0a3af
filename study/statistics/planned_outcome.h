// Which of the results is the one that the protocol planned.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "study/statistics/analysis_plan.h"

namespace rationale::study {

const char* name_of(AnalysisMethod method);     ///< as in endpoint.method: "or_hillis", "ustat", "glmm", "bootstrap"
const char* name_of(SmallSampleMethod method);  ///< as in endpoint.small_sample

/// Why the primary end point cannot be tested as planned, and what can.
struct MethodFault {
  std::string why, remedy;
};
std::optional<MethodFault> method_fault(const AnalysisPlan& plan);

/// The outcome of the planned analysis of one metric: estimate, se, t or z, p, lower, upper, or a verdict
/// ("not_supported" for a method_fault). Of a mixed model of decisions also `scale` "log_odds": its estimate is a log
/// odds ratio. @param method  plan.method for the primary end point, kOrHillis for others
/// @pre  results has that metric
nlohmann::ordered_json planned_outcome(const nlohmann::ordered_json& results, const std::string& metric,
                                       const AnalysisPlan& plan, AnalysisMethod method);

/// Beside the 95 % limits of RRRC, FRRC, RRFC, small_sample and the paired t: `at_alpha` {alpha, lower, upper}, the limits
/// that a claim at another alpha is held against. What has no standard error (permuted signs) gets none.
void add_limits_at_alpha(nlohmann::ordered_json& results, double alpha);

}  // namespace rationale::study
