// The sanity gate's result as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "explain/quality/gate.h"

namespace rationale::ui {

/// {"method","verdict":passed|failed|not_estimable,"reason","stages":[{"layers","layer","spearman","ssim"}],
///  "unrelated_ssim","other_class","repeatable"}
nlohmann::ordered_json as_json(const explain::MethodGate& gate);

}  // namespace rationale::ui
