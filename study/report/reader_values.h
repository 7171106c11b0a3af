// Private to the report: what each reader reached in each arm, of any end point.
#pragma once

#include <string>
#include <vector>

#include "study/report/report_input.h"

namespace rationale::study {

/// Rates as proportions, areas, confidence in points, time as the geometric mean in seconds; readers in the report's
/// order, without those of whom nothing is known.
/// @param metric  "fpr", "sensitivity", "specificity", "auc", "confidence" or "time"
std::vector<ReaderPair> reader_values(const ReportInput& input, const std::string& metric);

}  // namespace rationale::study
