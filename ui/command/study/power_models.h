// Power under a model instead of a pilot: by integration of the probit model, or by simulation.
#pragma once

#include <nlohmann/json.hpp>

#include "ui/command/power_options.h"

namespace rationale::ui {

/// {metric, alpha, model, grid}: RRRC by integration and by the formula of Hillis, Obuchowski and Berbaum, and
/// max(RRRC, RRFC).
/// @throws Error (kUsage) for a metric other than fpr
nlohmann::ordered_json probit_json(const PowerOptions& options);

/// {metric, runs, seed, alpha, model, grid}: the probit model for fpr, with what probit_json says beside it; Roe-Metz
/// for auc.
/// @throws Error (kUsage) for another metric
nlohmann::ordered_json simulated_json(const PowerOptions& options, std::uint64_t seed);

}  // namespace rationale::ui
