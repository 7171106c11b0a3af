// What `layers` and `doctor` say of a layer beyond its name and shape.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "explain/model/layer_advice.h"

namespace rationale::ui {

/// Keys "share_behind" (a number, or not_estimable), "needs", "nearest".
nlohmann::ordered_json advice_json(const explain::LayerAdvice& advice);

/// For the last column of a table: why not and what instead, or what it needs; empty if there is nothing to say.
std::string remark(const explain::LayerRow& row, const explain::LayerAdvice& advice);

}  // namespace rationale::ui
