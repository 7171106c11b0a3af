// Measures and intervals as the contract prints them: a number, or why there is none.
#pragma once

#include <nlohmann/json.hpp>

#include "explain/quality/interval.h"
#include "explain/quality/measure.h"

namespace rationale::ui {

/// The value, or {"status":"not_estimable","code":…,"reason":…}.
nlohmann::ordered_json as_json(const explain::Measure& measure);

/// {"mean","lower","upper","n","patients"}
nlohmann::ordered_json as_json(const explain::Estimate& estimate);

}  // namespace rationale::ui
