#include "study/statistics/declared.h"

#include <algorithm>
#include <cmath>

#include "study/statistics/multiplicity.h"
#include "study/statistics/planned_outcome.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

Json verdict(const char* code, const char* reason) {
  return {{"status", "not_estimable"}, {"code", code}, {"reason", reason}};
}

double better_sign(const std::string& metric) { return metric == "fpr" || metric == "time" ? -1 : 1; }

const char* name_of(Claim claim) {
  switch (claim) {
    case Claim::kSuperiority: return "superiority";
    case Claim::kNonInferiority: return "noninferiority";
    case Claim::kEquivalence: return "equivalence";
    case Claim::kTwoSided: break;
  }
  return "two_sided";
}

struct Numbers {
  double estimate = 0, se = 0, p = 1;
  std::optional<double> df;
};

/// Of an outcome in JSON that has a standard error (the permutation test has none).
std::optional<Numbers> numbers(const Json& o) {
  if (o.value("status", "") != "ok" || !o.contains("se")) return std::nullopt;
  Numbers n{o.at("estimate").get<double>(), o.at("se").get<double>(), o.at("p").get<double>(), {}};
  if (o.contains("df") && o.at("df").is_number()) n.df = o.at("df").get<double>();
  return n;
}

/// p of the claim from one analysis, and what goes with it.
Json claim_of(const PlannedEndpoint& e, const Json& outcome, double alpha) {
  const double sign = better_sign(e.metric);
  const double estimate = outcome.at("estimate");
  if (e.claim == Claim::kTwoSided) return {{"p", outcome.at("p")}, {"met_alone", outcome.at("p").get<double>() < alpha}};
  if (e.claim == Claim::kSuperiority) {
    const double p = sign * estimate > 0 ? outcome.at("p").get<double>() : 1.0;
    return {{"p", p}, {"met_alone", p < alpha}};
  }
  const auto n = numbers(outcome);
  if (!n || !(n->se > 0)) return verdict("no_standard_error", "this claim needs a standard error, and the planned method has none");
  if (!e.margin || !(*e.margin > 0)) return verdict("no_margin", "the protocol gives no margin");
  if (e.claim == Claim::kNonInferiority) {
    const NonInferiority test = non_inferiority(sign * n->estimate, n->se, n->df, *e.margin, alpha / 2);
    const double p = std::min(1.0, 2 * test.p);
    return {{"p", p}, {"p_one_sided", test.p}, {"margin", *e.margin}, {"worst_difference", sign * test.lower}, {"met_alone", p < alpha}};
  }
  const Equivalence test = equivalence(n->estimate, n->se, n->df, *e.margin, alpha);
  return {{"p", test.p}, {"p_lower", test.p_lower}, {"p_upper", test.p_upper}, {"margin", *e.margin},
          {"lower", test.lower}, {"upper", test.upper}, {"met_alone", test.p < alpha}};
}

bool is_larger_of_both(const AnalysisPlan& plan, AnalysisMethod method) {
  return method == AnalysisMethod::kOrHillis && !plan.has_fixed_readers && plan.small_sample == SmallSampleMethod::kRrrcRrfcMax;
}

Json endpoint(const PlannedEndpoint& e, const Json& results, const AnalysisPlan& plan, AnalysisMethod method) {
  Json json{{"id", e.id}, {"metric", e.metric}, {"aim", name_of(e.claim)}};
  if (!e.is_same_contrast) {
    json.update(verdict("other_contrast", "it compares other arms than the primary end point: analyse those with --arms"));
    return json;
  }
  if (!results.contains(e.metric)) {
    json.update(verdict("no_metric", "results.json has no such metric"));
    return json;
  }
  const Json& block = results.at(e.metric);
  const Json outcome = planned_outcome(results, e.metric, plan, method);
  if (outcome.value("status", "ok") != "ok" || !outcome.contains("p")) {
    json.update(outcome);
    return json;
  }
  json["estimate"] = outcome.at("estimate");
  const bool is_log_odds = outcome.contains("scale");
  if (is_log_odds) json["scale"] = outcome.at("scale");
  Json claim = claim_of(e, outcome, plan.alpha);
  const auto hold_against = [&](const Json& other) {
    const Json own = claim_of(e, other, plan.alpha);
    if (own.contains("p") && claim.contains("p") && own.at("p").get<double>() > claim.at("p").get<double>()) claim = own;
  };
  if (is_larger_of_both(plan, method)) {
    // Which of the two is the more careful depends on what is claimed: a margin is not a difference of 0.
    for (const char* analysis : {"RRRC", "RRFC"}) {
      if (block.contains(analysis) && block.at(analysis).value("status", "") == "ok") hold_against(block.at(analysis));
    }
  }
  const auto own = numbers(outcome), fixed = block.contains("FRRC") ? numbers(block.at("FRRC")) : std::nullopt;
  const auto half_width = [](const Json& o) { return o.at("upper").get<double>() - o.at("lower").get<double>(); };
  if (!is_log_odds && own && fixed && half_width(block.at("FRRC")) > half_width(outcome)) {
    json["is_fixed_reader_wider"] = true;
    hold_against(block.at("FRRC"));
  }
  json["status"] = "ok";
  json.update(claim);
  return json;
}

/// A claim without a p is not met: p counts as 1.
double p_of(const Json& claim) { return claim.value("status", "") == "ok" ? claim.at("p").get<double>() : 1.0; }

}  // namespace

Json declared_json(const Json& results, const AnalysisPlan& plan) {
  Json json{{"alpha", plan.alpha},
            {"method", name_of(plan.method)},
            {"small_sample", name_of(plan.small_sample)},
            {"rule", "nothing is confirmed without the primary claim; then the fixed sequence, each at full alpha up to "
                     "the first that is not met; then, if all of it is met, the Holm family"}};
  json["primary"] = endpoint(plan.primary, results, plan, plan.method);
  bool is_open = p_of(json["primary"]) < plan.alpha;
  json["primary"]["met"] = is_open;

  std::vector<Json> family;
  std::vector<const PlannedEndpoint*> ordered;
  for (const PlannedEndpoint& one : plan.secondary) ordered.push_back(&one);
  std::ranges::stable_sort(ordered, {}, [](const PlannedEndpoint* one) { return one->order == 0 ? 1 << 20 : one->order; });
  json["secondary"] = Json::array();
  std::vector<double> family_p;
  for (const PlannedEndpoint* one : ordered) {
    Json claim = endpoint(*one, results, plan, AnalysisMethod::kOrHillis);
    if (one->order > 0) {
      claim["family"] = "fixed sequence";
      claim["order"] = one->order;
      claim["is_reached"] = is_open;
      is_open = is_open && p_of(claim) < plan.alpha;
      claim["met"] = is_open;
      json["secondary"].push_back(std::move(claim));
    } else {
      claim["family"] = "Holm";
      family_p.push_back(p_of(claim));
      family.push_back(std::move(claim));
    }
  }
  const std::vector<double> adjusted = holm(family_p);
  for (std::size_t k = 0; k < family.size(); ++k) {
    family[k]["p_adjusted"] = adjusted[k];
    family[k]["is_reached"] = is_open;
    family[k]["met"] = is_open && adjusted[k] < plan.alpha;
    json["secondary"].push_back(std::move(family[k]));
  }
  return json;
}

}  // namespace rationale::study
