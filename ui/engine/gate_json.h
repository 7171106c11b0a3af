// The sanity gate's result as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "explain/quality/gate.h"

namespace rationale::ui {

/// {"method","verdict":passed|failed|not_estimable,"reason","stages":[{"layers","layer","spearman","ssim"}],
///  "other_class","repeatable","unrelated_ssim","shown":{"spearman","ssim"}}: `shown` after the full cascade, by the
/// definitions of the reference values
nlohmann::ordered_json as_json(const explain::MethodGate& gate);

}  // namespace rationale::ui
