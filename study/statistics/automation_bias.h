// Do readers follow an AI that is wrong, and does fewer false alarms cost findings?
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// The block "rates" of a switch table: automation_bias, beneficial, away_from_right_ai, away_from_wrong_ai, each
/// {n, of, rate, se, lower, upper} (switch_rate.h) or a verdict. Switches away from the AI show what two readings of the
/// same case differ by anyway.
nlohmann::ordered_json switch_rates_json(const StudyReadings& study, std::optional<bool> truth, std::optional<int> reader);

/// The block "automation_bias": commission and omission, pooled and by reader, `flag` with its reasons, and the heatmap's
/// use by reader. Without paired readings whose AI call is known, commission and omission are the verdict "no_ai".
/// The flag is raised where the false-positive rate falls while the sensitivity falls, and where cases on which the AI
/// is wrong get worse (more false positives, fewer findings). Each reason says whether its 95 % interval (these readers)
/// leaves out 0: without that it is a warning and no finding.
/// @param results  with fpr, sensitivity and, where has_ai, ai_split
nlohmann::ordered_json automation_bias_json(const nlohmann::ordered_json& results, const StudyReadings& study, bool has_ai);

}  // namespace rationale::study
