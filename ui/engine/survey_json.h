// A survey as JSON: what `card --json` and `validate explanation --json` print.
#pragma once

#include <nlohmann/json.hpp>

#include "explain/quality/recommendation.h"
#include "ui/engine/survey_input.h"

namespace rationale::ui {

/// {"model","layers","methods","cases","findings","gate_films","deletion_films","maps":[{"layer","method",…}],
///  "second_reader","recommendation","notes"}
nlohmann::ordered_json as_json(const SurveyInput& input, const explain::SurveyResult& result,
                               const explain::Recommendation& chosen);

}  // namespace rationale::ui
