// `rationale study power`: power over readers and cases, from a pilot's components, from the probit model, or by
// simulation.
#include "study/statistics/power.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/plot/power_curves.h"
#include "data/plot/svg.h"
#include "study/protocol/check.h"
#include "study/report/protocol_facts.h"
#include "study/statistics/power_json.h"
#include "study/statistics/study_results.h"
#include "ui/command/bodies.h"
#include "ui/command/study/power_models.h"
#include "ui/command/study/power_text.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

struct Pilot {
  PilotComponents components;
  std::optional<double> seconds, share;  ///< a reading's mean time; of its cases, those that count
};

std::optional<double> mean_time(const StudyReadings& s) {
  double sum = 0, n = 0;
  for (const ReadingRecord& one : s.records) {
    if (!one.time_s || !(*one.time_s > 0)) continue;
    sum += *one.time_s;
    ++n;
  }
  return n > 0 ? std::optional(sum / n) : std::nullopt;
}

/// Components, number of cases that count, and pace, from the results of a pilot.
Pilot from_readings(const PowerOptions& o) {
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
  const PilotComponents components{.var_reader = block->at("variance_components_unclamped").at("VarR"),
                                   .var_arm_reader = block->at("variance_components_clamped_as_RJafroc").at("VarTR"),
                                   .covariance = {c.at("Var"), c.at("Cov1"), c.at("Cov2"), c.at("Cov3")},
                                   .n_cases = static_cast<double>(n_cases)};
  return {components, mean_time(loaded.readings), components.n_cases / (n_normal + n_diseased)};
}

Pilot pilot_of(const PowerOptions& o) {
  if (!o.pilot.empty()) return from_readings(o);
  if (o.components.empty() || !(o.pilot_cases > 0)) {
    throw Error(Error::Kind::kUsage, "power needs a pilot, its components with --pilot-cases, --probit or --simulate", {},
                "rationale study power --pilot pilot.csv --effect 0.05");
  }
  const auto& c = o.components;
  return {{.var_reader = 0, .var_arm_reader = c[0], .covariance = {c[1], c[2], c[3], c[4]}, .n_cases = o.pilot_cases},
          {}, {}};
}

/// What each row asks of a reader, by what is asked for, known from the pilot, or usual.
void add_effort_of(Json& part, const PowerOptions& o, std::optional<double> seconds, std::optional<double> share) {
  if (o.metric == "auc" && o.share.value_or(1) != 1) {
    throw Error(Error::Kind::kUsage, "all cases count for an auc", "--share", "leave it out");
  }
  ReadingPace pace;
  const char* from = o.seconds ? "--seconds" : seconds ? "pilot" : "default";
  pace.seconds = o.seconds.value_or(seconds.value_or(pace.seconds));
  pace.share = o.share.value_or(share.value_or(pace.share));
  pace.session_readings = o.session_readings;
  pace.session_minutes = o.session_minutes;
  add_effort(part, pace);
  part["reading_pace"] = {{"seconds", pace.seconds}, {"seconds_from", from}, {"share_that_counts", pace.share},
                          {"session_readings", pace.session_readings}, {"session_minutes", pace.session_minutes}};
}

/// The options with what the protocol says where the command line does not.
PowerOptions completed(PowerOptions o) {
  const auto is_given = [&](const char* name) { return o.given.contains(name); };
  if (!o.protocol.empty()) {
    const Protocol protocol = parse_protocol(read_file(o.protocol), o.protocol.string());
    const PrimaryEndpoint& primary = protocol.endpoint;
    if (!is_given("metric")) o.metric = metric_id(primary.metric);
    if (o.metric == "confidence" || o.metric == "time") {
      throw Error(Error::Kind::kUsage, fmt::format("power is of rates and areas, the protocol's primary end point is {}", o.metric),
                  "--protocol", "name a --metric");
    }
    if (!is_given("alpha")) o.alpha = primary.alpha;
    if (!is_given("power")) o.target = primary.power;
    if (!is_given("readers")) o.readers = {static_cast<int>(protocol.readers.size())};
    if (primary.aim == Aim::kNoninferiority && !o.margin) o.margin = primary.margin;
    if (!is_given("effect") && !o.margin) {
      if (!primary.min_effect) {
        throw Error(Error::Kind::kUsage, "neither the protocol (endpoint.min_effect) nor --effect says what effect to find", "--protocol",
                    "write --effect 0.05, or min_effect into the protocol");
      }
      o.effects = {*primary.min_effect};
      o.given.insert("effect");
    }
  }
  if (o.margin && (o.n_runs > 0 || o.is_probit)) {
    throw Error(Error::Kind::kUsage, "non-inferiority is sized from a pilot or its components", "--margin",
                "leave out --probit and --simulate");
  }
  if (o.margin && !is_given("effect")) o.effects = {0.0};
  return o;
}

/// Power over the cases, a line for each number of readers, of the first effect.
void write_plot(const Json& grid, const PowerOptions& o) {
  PowerCurves curves{.id = "power",
                     .title = fmt::format("Power of {} over readers and cases, {} {:+g}", o.metric, o.margin ? "loss" : "effect",
                                          o.effects.front()),
                     .target = o.target};
  for (const int n_readers : o.readers) {
    PowerCurve curve{n_readers, {}};
    for (const Json& row : grid) {
      if (row.at("J") != n_readers || row.at("effect") != o.effects.front() || row.at("analysis") != "RRRC") continue;
      curve.points.emplace_back(row.at("K").get<double>(), row.at("power").get<double>());
    }
    curves.curves.push_back(std::move(curve));
  }
  write_file(o.plot, svg_document(power_curves_plot(curves)));
}

}  // namespace

int run_study_power(const CommandLine& line) {
  const PowerOptions o = completed(line.study.power);
  Json json;
  if (o.n_runs > 0) {
    json["simulation"] = simulated_json(o, line.common.seed);
    add_effort_of(json["simulation"], o, {}, {});
  } else if (o.is_probit) {
    json["probit"] = probit_json(o);
    add_effort_of(json["probit"], o, {}, {});
  } else {
    const Pilot pilot = pilot_of(o);
    json = power_json(pilot.components, question_of(o));
    add_effort_of(json, o, pilot.seconds, pilot.share);
    json["metric"] = o.metric;
    json["pilot"] = o.pilot.empty() ? "components" : o.pilot.filename().string();
  }
  if (!o.plot.empty()) {
    const Json& part = o.n_runs > 0 ? json.at("simulation") : o.is_probit ? json.at("probit") : json;
    write_plot(part.at("grid"), o);
  }
  if (line.common.json) {
    print_json("rationale.study.power", json);
  } else {
    fmt::print("{}", power_text(json, o));
  }
  return 0;
}

}  // namespace rationale::ui
