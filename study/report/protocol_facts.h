// What a locked protocol tells a report.
#pragma once

#include "study/protocol/protocol.h"
#include "study/report/report_input.h"

namespace rationale::study {

/// Title, arms and contrast, primary metric, the margin of the sensitivity, the operating point,
/// the washout as planned. Left to the caller: whether it was locked, the flow, examples, digests
/// and what the logs say.
/// "fpr", "auc" …: the metric's key in results.json.
const char* metric_id(Metric metric);

ReportFacts report_facts(const Protocol& protocol);

}  // namespace rationale::study
