#include "study/statistics/power_json.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<Generalises, const char*> kAnalyses[]{
    {Generalises::kReadersAndCases, "RRRC"}, {Generalises::kCases, "FRRC"}, {Generalises::kReaders, "RRFC"}};

Power power_for(const PilotComponents& pilot, const PowerQuestion& q, Generalises to, int n_readers, double n_cases, double effect) {
  return q.margin ? noninferiority_power_of(pilot, to, n_readers, n_cases, *q.margin - effect, q.alpha)
                  : power_of(pilot, to, n_readers, n_cases, effect, q.alpha);
}

double careful_power_for(const PilotComponents& pilot, const PowerQuestion& q, int n_readers, double n_cases, double effect) {
  return q.margin ? careful_power_of(pilot, n_readers, n_cases, *q.margin - effect, q.alpha, Sides::kOne)
                  : careful_power_of(pilot, n_readers, n_cases, effect, q.alpha);
}

/// What is believed of the effect; of a loss, of its distance from the margin.
EffectPrior prior_for(const PowerQuestion& q, double effect) {
  return {.mean = q.margin ? *q.margin - effect : effect, .deviation = q.effect_sd};
}

Json row_json(const PilotComponents& pilot, const PowerQuestion& q, Generalises to, const char* analysis,
              double effect, int n_readers, int n_cases) {
  const Power p = power_for(pilot, q, to, n_readers, n_cases, effect);
  const bool is_rrrc = to == Generalises::kReadersAndCases;
  Json row{{"effect", effect}, {"J", n_readers}, {"K", n_cases}, {"analysis", analysis},
           {"power", p.power}, {"ncp", p.ncp}};
  row["df2"] = p.df ? Json(*p.df) : Json(nullptr);
  row[p.df ? "f" : "chsq"] = p.critical;
  if (is_rrrc) row["power_rrrc_rrfc_max"] = careful_power_for(pilot, q, n_readers, n_cases, effect);
  if (q.effect_sd > 0) {
    const EffectPrior prior = prior_for(q, effect);
    const auto own = [&](double drawn) { return q.margin ? *q.margin - drawn : drawn; };
    row["assurance"] = assurance(prior, [&](double drawn) { return power_for(pilot, q, to, n_readers, n_cases, own(drawn)).power; });
    if (is_rrrc) {
      constexpr double kTolerance = 1e-4;  // each power is an integral of its own
      row["assurance_rrrc_rrfc_max"] =
          assurance(prior, [&](double drawn) { return careful_power_for(pilot, q, n_readers, n_cases, own(drawn)); }, kTolerance);
    }
  }
  return row;
}

}  // namespace

Json power_json(const PilotComponents& pilot, const PowerQuestion& q) {
  const CovarianceComponents& c = pilot.covariance;
  Json json{{"components",
             {{"VarR", pilot.var_reader}, {"VarTR", pilot.var_arm_reader}, {"Cov1", c.cov1},
              {"Cov2", c.cov2}, {"Cov3", c.cov3}, {"Var", c.var}}},
            {"KStar", pilot.n_cases},
            {"alpha", q.alpha}};
  if (q.margin) json["claim"] = {{"aim", "noninferiority"}, {"margin", *q.margin}};
  if (q.effect_sd > 0) json["effect_prior"] = prior_json(q.effects, [&](double effect) { return prior_for(q, effect); });
  json["grid"] = Json::array();
  for (const double effect : q.effects) {
    for (const int n_readers : q.readers) {
      for (const int n_cases : q.cases) {
        for (const auto& [to, name] : kAnalyses) {
          json["grid"].push_back(row_json(pilot, q, to, name, effect, n_readers, n_cases));
        }
      }
    }
  }
  const auto needed = [&](const std::string& test, const CaseSearch& search, const auto& power) {
    return cases_json(q, test, [&](double effect, int n_readers) {
      return fewest_cases([&](int n_cases) { return power(n_readers, n_cases, effect); }, n_readers, q.target, search);
    });
  };
  json[cases_key(q.target)] = needed("RRRC", {}, [&](int n_readers, int n_cases, double effect) {
    return power_for(pilot, q, Generalises::kReadersAndCases, n_readers, n_cases, effect).power;
  });
  json[cases_key(q.target) + "_rrrc_rrfc_max"] =
      needed("_rrrc_rrfc_max", {.growth = 1.5}, [&](int n_readers, int n_cases, double effect) {
        return careful_power_for(pilot, q, n_readers, n_cases, effect);
      });
  return json;
}

std::string cases_key(double target) { return fmt::format("cases_for_{}pct", std::round(100 * target)); }

Json cases_json(const PowerQuestion& q, const std::string& test, const NeededCases& needed) {
  Json json = Json::object();
  for (const double effect : q.effects) {
    Json& own = q.effects.size() == 1 ? json : json[fmt::format("{}", effect)];
    for (const int n_readers : q.readers) {
      const auto answer = needed(effect, n_readers);
      const auto* why = std::get_if<NotEstimable>(&answer);
      own[std::to_string(n_readers)] = why != nullptr ? to_json(*why)
                                                      : Json{{"status", "ok"},
                                                             {"K" + test, std::get<CasesNeeded>(answer).n_cases},
                                                             {"power" + test, std::get<CasesNeeded>(answer).power}};
    }
  }
  return json;
}

Json prior_json(const std::vector<double>& effects, const std::function<EffectPrior(double)>& prior_of) {
  Json json{{"family", "normal"}};
  for (const double effect : effects) {
    const EffectPrior prior = prior_of(effect);
    prior.check();
    json["sd"] = prior.deviation;
    json["by_effect"].push_back({{"effect", effect}, {"other_sign", prior.other_sign()}, {"cut", prior.cut()}});
  }
  return json;
}

void add_effort(Json& answer, const ReadingPace& pace) {
  if (!answer.is_structured()) return;
  for (const char* key : {"K", "KRRRC", "K_rrrc_rrfc_max"}) {
    if (!answer.is_object() || !answer.contains(key)) continue;
    const ReaderEffort e = reader_effort(answer.at(key), pace);
    answer.update({{"cases_per_reader", e.cases}, {"readings_per_reader", e.readings}, {"hours_per_reader", e.hours},
                   {"sessions_per_reader", e.sessions}});
    return;
  }
  for (Json& part : answer) add_effort(part, pace);
}

Json to_json(const SimulatedPower& s) {
  return {{"power", s.power}, {"standard_error", s.standard_error}, {"runs", s.n_runs},
          {"not_estimable", s.n_not_estimable}, {"mean_difference", s.mean_difference}};
}

}  // namespace rationale::study
