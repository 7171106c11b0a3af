// Private to the report: the arm's effect of a mixed model or of estimating equations in results.json.
#pragma once

#include <string>

#include "study/report/estimate.h"

namespace rationale::study {

struct ModelEffect {
  PrintedEstimate arm;   ///< in the model's unit: points, log seconds, log odds
  std::string boundary;  ///< what was estimated at its boundary, or is doubtful; empty: nothing
  std::string formula;
};

/// @param model  a block with "coefficients", or the coefficients alone; nullptr: "not_reported"
ModelEffect model_effect(const nlohmann::ordered_json* model);

}  // namespace rationale::study
