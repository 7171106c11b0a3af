#include "ui/engine/measure_json.h"

#include "ui/command/command.h"

namespace rationale::ui {

nlohmann::ordered_json as_json(const explain::Measure& measure) {
  if (measure) return measure.value;
  return not_estimable(measure.code, measure.reason);
}

nlohmann::ordered_json as_json(const explain::Estimate& estimate) {
  return {{"mean", as_json(estimate.mean)},
          {"lower", as_json(estimate.lower)},
          {"upper", as_json(estimate.upper)},
          {"n", estimate.n},
          {"patients", estimate.n_patients}};
}

}  // namespace rationale::ui
