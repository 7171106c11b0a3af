// `rationale study power`: power over readers and cases, from a pilot's components, from the probit model, or by
// simulation.
#include "study/statistics/power.h"

#include <fmt/format.h>

#include <cmath>

#include "data/base/error.h"
#include "study/statistics/power_json.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/probit_power.h"
#include "study/statistics/study_results.h"
#include "ui/command/bodies.h"

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

SimulatedPower simulated(const PowerOptions& o, double effect, int n_readers, int n_cases, std::uint64_t seed) {
  StudyPlan plan{.n_readers = n_readers, .n_normal = n_cases, .n_diseased = 0, .variances = {}};
  if (o.metric == "fpr") {
    plan.variances = probit_variances(o.arm_reader);
    return simulate_fpr(plan, o.rate, effect, o.n_runs, seed, o.alpha);
  }
  plan.variances = roe_metz(o.set, o.auc);
  plan.n_diseased = n_cases / 2;
  plan.n_normal = n_cases - plan.n_diseased;
  return simulate_auc(plan, o.auc, effect, o.n_runs, seed, o.alpha);
}

Json probit_model(const PowerOptions& o) {
  return {{"name", "probit"}, {"fpr", o.rate}, {"reader_by_arm", o.arm_reader}};
}

/// Under the probit model: RRRC by integration and by the formula of Hillis, Obuchowski and Berbaum, max(RRRC, RRFC).
Json probit_row(const PowerOptions& o, double effect, int n_readers, int n_cases) {
  const LatentVariances v = probit_variances(o.arm_reader);
  const ProbitPower p = probit_power(v, o.rate, o.rate + effect, n_readers, n_cases, o.alpha);
  const double formula = power_of(probit_components(v, o.rate, o.rate + effect, n_cases), Generalises::kReadersAndCases,
                                  n_readers, n_cases, effect, o.alpha)
                             .power;
  return {{"power_by_probit_model", p.rrrc}, {"power_rrrc_rrfc_max", p.careful}, {"power_by_formula", formula}};
}

Json probit_json(const PowerOptions& o) {
  if (o.metric != "fpr") {
    throw Error(Error::Kind::kUsage, "the probit model is about an fpr", "--metric",
                "for a sensitivity, ask for the fpr of as many cases");
  }
  Json json{{"metric", o.metric}, {"alpha", o.alpha}, {"model", probit_model(o)}, {"grid", Json::array()}};
  for (const double effect : o.effects) {
    for (const int n_readers : o.readers) {
      for (const int n_cases : o.cases) {
        Json row{{"effect", effect}, {"J", n_readers}, {"K", n_cases}, {"analysis", "RRRC"}};
        row.update(probit_row(o, effect, n_readers, n_cases));
        row["power"] = row["power_by_probit_model"];
        json["grid"].push_back(row);
      }
    }
  }
  return json;
}

Json simulated_json(const PowerOptions& o, std::uint64_t seed) {
  if (o.metric != "auc" && o.metric != "fpr") {
    throw Error(Error::Kind::kUsage, "simulated studies are about auc or fpr", "--metric",
                "for a sensitivity, simulate the fpr of as many cases");
  }
  Json json{{"metric", o.metric}, {"runs", o.n_runs}, {"seed", seed}, {"alpha", o.alpha}};
  if (o.metric == "auc") {
    json["model"] = {{"name", "Roe-Metz " + o.set}, {"auc", o.auc}};
  } else {
    json["model"] = probit_model(o);
  }
  for (const double effect : o.effects) {
    for (const int n_readers : o.readers) {
      for (const int n_cases : o.cases) {
        Json row{{"effect", effect}, {"J", n_readers}, {"K", n_cases}, {"analysis", "RRRC"}};
        row.update(to_json(simulated(o, effect, n_readers, n_cases, seed)));
        if (o.metric == "fpr") row.update(probit_row(o, effect, n_readers, n_cases));
        json["grid"].push_back(row);
      }
    }
  }
  return json;
}

/// Rows: cases. Columns: readers. What is asked for is reached where a star stands.
std::string table_text(const Json& grid, const PowerOptions& o, double effect, const std::string& key,
                       const std::string& what) {
  std::string text = fmt::format("\nEffect {:+g}: power of the test over readers and cases ({})\n  cases", effect, what);
  for (const int n_readers : o.readers) text += fmt::format(" {:>11}", fmt::format("{} readers", n_readers));
  text += "\n";
  for (const int n_cases : o.cases) {
    text += fmt::format("  {:>5}", n_cases);
    for (const int n_readers : o.readers) {
      for (const Json& row : grid) {
        if (row.at("J") != n_readers || row.at("K") != n_cases || row.at("effect") != effect ||
            row.at("analysis") != "RRRC") {
          continue;
        }
        const double power = row.at(key);
        text += fmt::format(" {:>11}", fmt::format("{:.3f}{}", power, power >= o.target ? "*" : " "));
      }
    }
    text += "\n";
  }
  return text;
}

std::string tables_text(const Json& grid, const PowerOptions& o, double effect) {
  std::string text;
  if (o.n_runs > 0) text += table_text(grid, o, effect, "power", "RRRC, simulated");
  if (!grid.at(0).contains("power_by_probit_model")) return o.n_runs > 0 ? text : table_text(grid, o, effect, "power", "RRRC");
  return text + table_text(grid, o, effect, "power_by_probit_model", "RRRC, by the probit model") +
         table_text(grid, o, effect, "power_rrrc_rrfc_max", "max(RRRC, RRFC), by the probit model") +
         table_text(grid, o, effect, "power_by_formula", "RRRC, by the formula of Hillis, Obuchowski & Berbaum 2011");
}

std::string needed_text(const Json& needed, double target) {
  std::string text = fmt::format("Cases for a power of {:g}:\n", target);
  for (const auto& [n_readers, one] : needed.items()) {
    text += one.at("status") == "ok"
                ? fmt::format("  {:>3} readers: {} cases (power {:.3f})\n", n_readers, one.at("KRRRC").get<int>(),
                              one.at("powerRRRC").get<double>())
                : fmt::format("  {:>3} readers: {}\n", n_readers, one.at("reason").get<std::string>());
  }
  return text;
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
    json = power_json(pilot_of(o), {o.effects, o.readers, o.cases, o.target, o.alpha});
    json["metric"] = o.metric;
    json["pilot"] = o.pilot.empty() ? "components" : o.pilot.filename().string();
  }
  if (line.common.json) {
    print_json("rationale.study.power", json);
    return 0;
  }
  const bool is_simulated = o.n_runs > 0, has_pilot = !is_simulated && !o.is_probit;
  fmt::print("Figure of merit: {}. A star: {:g} or more.{}\n", o.metric, o.target,
             is_simulated ? fmt::format(" SIMULATED, {} studies each.", o.n_runs) : "");
  const Json& grid = has_pilot ? json.at("grid") : json.at(is_simulated ? "simulation" : "probit").at("grid");
  const std::string key = fmt::format("cases_for_{}pct", std::lround(100 * o.target));
  for (const double effect : o.effects) {
    fmt::print("{}", tables_text(grid, o, effect));
    if (!has_pilot) continue;
    const Json& needed = json.at(key);
    fmt::print("{}", needed_text(o.effects.size() == 1 ? needed : needed.at(fmt::format("{}", effect)), o.target));
  }
  return 0;
}

}  // namespace rationale::ui
