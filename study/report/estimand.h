// The estimand of a protocol in words: what exactly is asked, by the five attributes of ICH E9(R1).
#pragma once

#include <vector>

#include "study/protocol/protocol.h"
#include "study/statistics/analysis_plan.h"

namespace rationale::study {

/// population, arms, variable, intercurrent events, summary; in that order, plain text.
std::vector<EstimandAttribute> estimand(const Protocol& protocol);

/// "false-positive rate", "area under the ROC curve" …
const char* metric_phrase(Metric metric);
/// "superiority", "non-inferiority with a margin of 0.05" …
std::string aim_phrase(const Endpoint& endpoint);
/// The method of the primary analysis in a sentence: error term, covariance, few readers, interval.
std::string method_phrase(const Protocol& protocol);

}  // namespace rationale::study
