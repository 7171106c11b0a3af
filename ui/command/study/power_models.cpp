#include "ui/command/study/power_models.h"

#include <algorithm>
#include <map>

#include "data/base/error.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/probit_power.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

/// Power under the probit model. What depends on the effect alone is worked out once an effect.
class Probit {
 public:
  explicit Probit(const PowerOptions& options) : o_(options), variances_(probit_variances(options.arm_reader)) {}

  ProbitPower power(double effect, int n_readers, int n_cases) {
    const auto place = models_.try_emplace(effect, variances_, o_.rate, o_.rate + effect).first;
    return probit_power(place->second.moments(n_readers, n_cases), n_readers, o_.alpha);
  }

  Json row(double effect, int n_readers, int n_cases) {
    const auto formula = [&](double own) {
      return power_of(probit_components(variances_, o_.rate, o_.rate + own, n_cases), Generalises::kReadersAndCases,
                      n_readers, n_cases, own, o_.alpha)
          .power;
    };
    const ProbitPower p = power(effect, n_readers, n_cases);
    Json row{{"power_by_probit_model", p.rrrc}, {"power_rrrc_rrfc_max", p.careful}, {"power_by_formula", formula(effect)}};
    if (o_.effect_sd == 0) return row;
    std::map<double, ProbitPower> found;  // both tests come from one integration
    const auto at = [&](double own) {
      const auto place = found.find(own);
      return place != found.end() ? place->second : found[own] = power(own, n_readers, n_cases);
    };
    const EffectPrior prior = prior_of_rate(o_.rate, effect, o_.effect_sd);
    constexpr double kTolerance = 1e-4;  // each power takes milliseconds and is an approximation to 1e-2
    row["assurance_by_probit_model"] = assurance(prior, [&](double own) { return at(own).rrrc; }, kTolerance);
    row["assurance_rrrc_rrfc_max"] = assurance(prior, [&](double own) { return at(own).careful; }, kTolerance);
    row["assurance_by_formula"] = assurance(prior, formula);
    return row;
  }

 private:
  const PowerOptions& o_;
  LatentVariances variances_;
  std::map<double, ProbitModel> models_;
};

SimulatedPower simulated(const PowerOptions& o, double effect, int n_readers, int n_cases, std::uint64_t seed,
                         double effect_sd = 0) {
  StudyPlan plan{.n_readers = n_readers, .n_normal = n_cases, .n_diseased = 0, .variances = {}};
  if (o.metric == "fpr") {
    plan.variances = probit_variances(o.arm_reader);
    return simulate_fpr(plan, o.rate, effect, o.n_runs, seed, o.alpha, effect_sd);
  }
  plan.variances = roe_metz(o.set, o.auc);
  plan.n_diseased = n_cases / 2;
  plan.n_normal = n_cases - plan.n_diseased;
  return simulate_auc(plan, o.auc, effect, o.n_runs, seed, o.alpha, effect_sd);
}

Json simulated_row(const PowerOptions& o, double effect, int n_readers, int n_cases, std::uint64_t seed) {
  Json row = to_json(simulated(o, effect, n_readers, n_cases, seed));
  if (o.effect_sd == 0) return row;
  const SimulatedPower own = simulated(o, effect, n_readers, n_cases, seed, o.effect_sd);
  row["assurance"] = own.power;
  row["assurance_standard_error"] = own.standard_error;
  return row;
}

Json probit_model(const PowerOptions& o) {
  return {{"name", "probit"}, {"fpr", o.rate}, {"reader_by_arm", o.arm_reader}};
}

void add_prior(Json& json, const PowerOptions& o) {
  if (o.effect_sd == 0) return;
  const double first = o.metric == "auc" ? o.auc : o.rate;
  json["effect_prior"] = prior_json(o.effects, [&](double effect) { return prior_of_rate(first, effect, o.effect_sd); });
}

/// Every effect x readers x cases.
Json grid(const PowerOptions& o, const std::function<Json(double, int, int)>& row_of) {
  Json rows = Json::array();
  for (const double effect : o.effects) {
    for (const int n_readers : o.readers) {
      for (const int n_cases : o.cases) {
        Json row{{"effect", effect}, {"J", n_readers}, {"K", n_cases}, {"analysis", "RRRC"}};
        row.update(row_of(effect, n_readers, n_cases));
        rows.push_back(row);
      }
    }
  }
  return rows;
}

}  // namespace

PowerQuestion question_of(const PowerOptions& o) {
  return {o.effects, o.readers, o.cases, o.target, o.alpha, o.effect_sd, o.margin};
}

Json probit_json(const PowerOptions& o) {
  if (o.metric != "fpr") {
    throw Error(Error::Kind::kUsage, "the probit model is about an fpr", "--metric",
                "for a sensitivity, ask for the fpr of as many cases");
  }
  Probit probit(o);
  Json json{{"metric", o.metric}, {"alpha", o.alpha}, {"model", probit_model(o)}};
  add_prior(json, o);
  json["grid"] = grid(o, [&](double effect, int n_readers, int n_cases) {
    Json row = probit.row(effect, n_readers, n_cases);
    row["power"] = row["power_by_probit_model"];
    if (row.contains("assurance_by_probit_model")) row["assurance"] = row["assurance_by_probit_model"];
    return row;
  });
  const auto add_cases = [&](const std::string& key, const std::string& test, double ProbitPower::*power) {
    json[key] = cases_json(question_of(o), test, [&](double effect, int n_readers) {
      return fewest_cases([&](int n_cases) { return probit.power(effect, n_readers, n_cases).*power; }, n_readers, o.target,
                          {.growth = 1.5});
    });
  };
  const std::string key = cases_key(o.target);
  add_cases(key, "RRRC", &ProbitPower::rrrc);
  add_cases(key + "_rrrc_rrfc_max", "_rrrc_rrfc_max", &ProbitPower::careful);
  return json;
}

Json simulated_json(const PowerOptions& o, std::uint64_t seed) {
  if (o.metric != "auc" && o.metric != "fpr") {
    throw Error(Error::Kind::kUsage, "simulated studies are about auc or fpr", "--metric",
                "for a sensitivity, simulate the fpr of as many cases");
  }
  Json json{{"metric", o.metric}, {"runs", o.n_runs}, {"seed", seed}, {"alpha", o.alpha}};
  json["model"] = o.metric == "auc" ? Json{{"name", "Roe-Metz " + o.set}, {"auc", o.auc}} : probit_model(o);
  add_prior(json, o);
  Probit probit(o);
  json["grid"] = grid(o, [&](double effect, int n_readers, int n_cases) {
    Json row = simulated_row(o, effect, n_readers, n_cases, seed);
    if (o.metric == "fpr") row.update(probit.row(effect, n_readers, n_cases));
    return row;
  });
  const CaseSearch search{.least = 8, .most = *std::ranges::max_element(o.cases), .growth = 2, .precision = 0.05};
  json[cases_key(o.target)] = cases_json(question_of(o), "RRRC", [&](double effect, int n_readers) {
    return fewest_cases([&](int n_cases) { return simulated(o, effect, n_readers, n_cases, seed).power; }, n_readers, o.target,
                        search);
  });
  return json;
}

}  // namespace rationale::ui
