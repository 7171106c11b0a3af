// All results of a study as one JSON object.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "study/statistics/estimate.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// load; auc, fpr, sensitivity, specificity (each with values, RRRC, FRRC, and where it can be computed OR,
/// ratio); randomisation_fpr, randomisation_sensitivity; confidence, time, ai_split, switch where the
/// columns are there. A file that cannot be loaded gives only `load`.
nlohmann::ordered_json study_results(const LoadedReadings& loaded);

/// {"status":"ok", estimate, se, df (null: normal), t|z, p, lower, upper} or {"status":"not_estimable", …}.
nlohmann::ordered_json to_json(const Outcome& outcome);

}  // namespace rationale::study
