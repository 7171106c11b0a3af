// Power under a model instead of a pilot: by integration of the probit model, or by simulation.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/power_json.h"
#include "ui/command/power_options.h"

namespace rationale::ui {

study::PowerQuestion question_of(const PowerOptions& options);

/// {metric, alpha, model, grid, cases_for_80pct, cases_for_80pct_rrrc_rrfc_max}: RRRC by integration and by the formula of
/// Hillis, Obuchowski and Berbaum, and max(RRRC, RRFC). Cases: by integration.
/// @throws Error (kUsage) for a metric other than fpr
nlohmann::ordered_json probit_json(const PowerOptions& options);

/// {metric, runs, seed, alpha, model, grid, cases_for_80pct}: the probit model for fpr, with the rows of probit_json beside
/// its own; Roe-Metz for auc. Cases: simulated too, to a twentieth, up to the largest number of the table.
/// @throws Error (kUsage) for another metric
nlohmann::ordered_json simulated_json(const PowerOptions& options, std::uint64_t seed);

}  // namespace rationale::ui
