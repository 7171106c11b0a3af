// All results of a study as one JSON object.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// load; cluster; auc, fpr, sensitivity, specificity (metric_block.h); accuracy (accuracy_block.h); endpoint (with a protocol: the primary
/// result by its small-sample method); randomisation_fpr, randomisation_sensitivity; confidence, time, ai_split,
/// switch where the columns are there. A file that cannot be loaded gives only `load`.
nlohmann::ordered_json study_results(const LoadedReadings& loaded, const AnalysisPlan& plan = {});

}  // namespace rationale::study
