#include "ui/engine/gate_json.h"

#include "ui/engine/measure_json.h"

namespace rationale::ui {
namespace {

const char* name_of(explain::GateVerdict verdict) {
  switch (verdict) {
    case explain::GateVerdict::kPassed:
      return "passed";
    case explain::GateVerdict::kFailed:
      return "failed";
    case explain::GateVerdict::kNotEstimable:
      return "not_estimable";
  }
  return "not_estimable";
}

}  // namespace

nlohmann::ordered_json as_json(const explain::MethodGate& gate) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  for (const explain::GateStage& stage : gate.stages) {
    stages.push_back({{"layers", stage.n_layers},
                      {"layer", stage.layer},
                      {"spearman", as_json(stage.spearman)},
                      {"ssim", as_json(stage.ssim)}});
  }
  return {{"method", gate.method}, {"verdict", name_of(gate.verdict)},         {"reason", gate.reason},
          {"stages", stages},      {"other_class", as_json(gate.other_class)}, {"repeatable", gate.is_repeatable},
          {"unrelated_ssim", as_json(gate.unrelated_ssim)},
          {"shown", {{"spearman", as_json(gate.shown_spearman)}, {"ssim", as_json(gate.shown_ssim)}}}};
}

}  // namespace rationale::ui
