// `rationale study power`: power over readers and cases, from a pilot's components, from the probit model, or by
// simulation.
#include "study/statistics/power.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "study/statistics/power_json.h"
#include "study/statistics/study_results.h"
#include "ui/command/bodies.h"
#include "ui/command/study/power_models.h"
#include "ui/command/study/power_text.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

/// Components and number of cases that count, from the results of a pilot.
PilotComponents from_readings(const PowerOptions& o) {
  const LoadedReadings loaded =
      load_readings(read_csv(o.pilot), {.arms = o.arms, .positive_at = o.positive_at});
  if (loaded.error) {
    throw Error(Error::Kind::kInput, loaded.error->reason, o.pilot.string(), "correct the file")
        .with_code(loaded.error->code);
  }
  const Json results = study_results(loaded);
  const Json& metric = results.at(o.metric);
  const bool is_auc = o.metric == "auc";
  const Json* block = metric.contains("OR_unbiased") ? &metric.at("OR_unbiased") : nullptr;
  if (is_auc && metric.contains("OR")) block = &metric.at("OR").at("unbiased");
  if (block == nullptr) {
    throw Error(Error::Kind::kInput,
                fmt::format("the pilot has no {} analysis: {}", o.metric, metric.at("RRRC").value("reason", "")),
                o.pilot.string(), "a pilot needs two arms and two readers; or give --components");
  }
  const Json& c = block->at("cov_components");
  const int n_normal = results.at("n_normal"), n_diseased = results.at("n_diseased");
  const int n_cases = is_auc ? n_normal + n_diseased : o.metric == "sensitivity" ? n_diseased : n_normal;
  return {.var_reader = block->at("variance_components_unclamped").at("VarR"),
          .var_arm_reader = block->at("variance_components_clamped_as_RJafroc").at("VarTR"),
          .covariance = {c.at("Var"), c.at("Cov1"), c.at("Cov2"), c.at("Cov3")},
          .n_cases = static_cast<double>(n_cases)};
}

PilotComponents pilot_of(const PowerOptions& o) {
  if (!o.pilot.empty()) return from_readings(o);
  if (o.components.empty() || !(o.pilot_cases > 0)) {
    throw Error(Error::Kind::kUsage, "power needs a pilot, its components with --pilot-cases, --probit or --simulate", {},
                "rationale study power --pilot pilot.csv --effect 0.05");
  }
  const auto& c = o.components;
  return {.var_reader = 0, .var_arm_reader = c[0], .covariance = {c[1], c[2], c[3], c[4]},
          .n_cases = o.pilot_cases};
}

}  // namespace

int run_study_power(const CommandLine& line) {
  const PowerOptions& o = line.study.power;
  Json json;
  if (o.n_runs > 0) {
    json["simulation"] = simulated_json(o, line.common.seed);
  } else if (o.is_probit) {
    json["probit"] = probit_json(o);
  } else {
    json = power_json(pilot_of(o), {o.effects, o.readers, o.cases, o.target, o.alpha, o.effect_sd});
    json["metric"] = o.metric;
    json["pilot"] = o.pilot.empty() ? "components" : o.pilot.filename().string();
  }
  if (line.common.json) {
    print_json("rationale.study.power", json);
  } else {
    fmt::print("{}", power_text(json, o));
  }
  return 0;
}

}  // namespace rationale::ui
