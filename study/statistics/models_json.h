// Mixed models, estimating equations, agreement and calibration as the JSON of results.json; key names as in
// golden/statistics models_*.json.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// lmm_* (confidence and log time; primary: with the readers' own effect of the arm), glmm_* and gee_* (false
/// and true positives), glmm_false_positive (whether there is such a model), confidence_reader_means,
/// paired_t_over_readers, agreement, calibration, calibration_logistic. What lacks its column, its readers or
/// its arms is a verdict.
/// @param threads  0: one a processor; results do not depend on it
void add_models(nlohmann::ordered_json& results, const StudyReadings& study, int threads = 0);

/// The lmm_* part of it.
void add_linear_models(nlohmann::ordered_json& results, const StudyReadings& study);

/// {"hidden": {fleiss_binary, ac1_binary, …}, …, "intra_reader_hidden_vs_visible": …}
nlohmann::ordered_json agreement_json(const StudyReadings& study);

/// "calibration" and "calibration_logistic", by arm.
nlohmann::ordered_json calibration_json(const StudyReadings& study);
nlohmann::ordered_json calibration_line_json(const StudyReadings& study);

/// Whether every rating is + or - a confidence of 0 … 100 (sign: the decision).
bool has_signed_confidence(const StudyReadings& study);

}  // namespace rationale::study
