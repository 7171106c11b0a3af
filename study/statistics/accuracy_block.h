// Accuracy as a block of results.json.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// counts ({reader: {arm: [right, read]}}), values, RRRC, FRRC, RRFC, small_sample, leave_one_reader_out, OR_unbiased,
/// OR_bootstrap, bootstrap, paired_cases_only; of more than two arms `pairs`. The covariance is that of accuracy.h; there are
/// no U-statistic moments (they know one sample of cases).
nlohmann::ordered_json accuracy_block(const StudyReadings& study, const AnalysisPlan& plan);

}  // namespace rationale::study
