// One metric of a study as a block of results.json (docs/mrmc.md): figures of merit, every analysis of their
// difference, and the reasons where there is none.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/primary.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

enum class Rate { kFpr, kSensitivity, kSpecificity };

/// values, RRRC, FRRC, RRFC; OR by covariance, DBM, BDG, bootstrap, small_sample, leave_one_reader_out,
/// paired_cases_only where they can be computed; more than two arms: OR over all, and a block of each pair
/// under "pairs".
nlohmann::ordered_json auc_block(const StudyReadings& study, const AnalysisPlan& plan);
nlohmann::ordered_json rate_block(const StudyReadings& study, Rate rate, const AnalysisPlan& plan);

/// Areas under the empirical curves and their unbiased covariance, none where a cell has fewer than two patients of a truth.
/// @pre the study has cases of both truths, and ratings
Merits auc_merits(const StudyReadings& study);

/// Proportions and their unbiased covariance, none where a cell has fewer than two patients.
Merits rate_merits(const StudyReadings& study, const CaseReadings& decisions, const std::string& cases);

/// {reader: {arm: [positive, read]}}
nlohmann::ordered_json counts_json(const StudyReadings& study, const CaseReadings& decisions);

/// RRRC and FRRC for the same reason not there.
nlohmann::ordered_json no_block(const NotEstimable& why);

}  // namespace rationale::study
