#include "study/statistics/planned_outcome.h"

#include <cmath>
#include <utility>

#include "study/statistics/estimate.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

bool is_mean(const std::string& metric) { return metric == "confidence" || metric == "time"; }

/// [lower, upper] of an outcome with a standard error at another level than its 95 %.
std::optional<std::pair<double, double>> limits_at(const Json& outcome, double alpha) {
  if (outcome.value("status", "") != "ok" || !outcome.contains("se") || !outcome.contains("estimate")) return std::nullopt;
  const auto df = outcome.contains("df") && outcome.at("df").is_number() ? std::optional(outcome.at("df").get<double>()) : std::nullopt;
  const double estimate = outcome.at("estimate"), half_width = upper_quantile(df, alpha / 2) * outcome.at("se").get<double>();
  if (!std::isfinite(half_width)) return std::nullopt;
  return std::pair{estimate - half_width, estimate + half_width};
}

void put_limits(Json& outcome, double alpha, const std::optional<std::pair<double, double>>& limits) {
  if (limits) outcome["at_alpha"] = {{"alpha", alpha}, {"lower", limits->first}, {"upper", limits->second}};
}

Json by_or(const Json& block, const AnalysisPlan& plan) {
  if (block.contains("unpaired_t_over_readers")) return block.at("unpaired_t_over_readers");
  if (!block.contains("RRRC")) return block.at("paired_t_over_readers");
  if (plan.has_fixed_readers) return block.at("FRRC");
  if (plan.small_sample == SmallSampleMethod::kNone || !block.contains("small_sample")) return block.at("RRRC");
  return block.at("small_sample").at(name_of(plan.small_sample));
}

Json by_moments(const Json& block, const std::string& metric) {
  if (!block.contains("BDG")) return block.at("RRRC");  // the reason why there is neither
  const Json& moments = block.at("BDG");
  const char* difference = metric == "auc" ? "diff" : "difference";
  return moments.contains(difference) ? moments.at(difference) : moments;
}

/// Which model of results.json answers for a metric.
std::string model_of(const std::string& metric, const AnalysisPlan& plan, const Json& results) {
  if (is_mean(metric)) {
    return results.value(metric == "confidence" ? "lmm_confidence_primary" : "lmm_log_time_primary", "");
  }
  const std::string name = metric == "fpr" ? "glmm_fp" : "glmm_tp";
  return plan.has_fixed_readers ? name + "_case_only_AGQ" : name;
}

Json by_model(const Json& results, const std::string& metric, const AnalysisPlan& plan) {
  const std::string name = model_of(metric, plan, results);
  if (!results.contains(name)) return to_json(NotEstimable{"no_model", "results.json has no such model", {}, {}});
  const Json& model = results.at(name);
  if (model.value("status", "ok") != "ok") return model;
  for (const auto& [term, row] : model.at("coefficients").items()) {
    if (!term.starts_with("arm")) continue;  // the arm itself comes before its interactions
    if (!row.contains("Estimate")) return row;
    const bool has_df = row.contains("df");
    Json json{{"status", "ok"}, {"estimate", row.at("Estimate")}, {"se", row.at("Std. Error")}};
    if (has_df) json["df"] = row.at("df");
    json[has_df ? "t" : "z"] = row.at(has_df ? "t value" : "z value");
    json["p"] = row.at(has_df ? "Pr(>|t|)" : "Pr(>|z|)");
    json["lower"] = row.at("lower");
    json["upper"] = row.at("upper");
    if (!is_mean(metric)) json["scale"] = "log_odds";
    return json;
  }
  return to_json(NotEstimable{"no_arm", "the model has no coefficient of the arm", {}, {}});
}

}  // namespace

const char* name_of(AnalysisMethod method) {
  switch (method) {
    case AnalysisMethod::kUstat: return "ustat";
    case AnalysisMethod::kGlmm: return "glmm";
    case AnalysisMethod::kBootstrap: return "bootstrap";
    case AnalysisMethod::kOrHillis: break;
  }
  return "or_hillis";
}

const char* name_of(SmallSampleMethod method) {
  switch (method) {
    case SmallSampleMethod::kPermutation: return "permutation";
    case SmallSampleMethod::kCorrectedDf: return "corrected_df";
    case SmallSampleMethod::kRrrcRrfcMax: return "rrrc_rrfc_max";
    case SmallSampleMethod::kNone: break;
  }
  return "none";
}

std::optional<MethodFault> method_fault(const AnalysisPlan& plan) {
  const std::string& metric = plan.metric;
  const bool is_ustat = plan.method == AnalysisMethod::kUstat, is_model = plan.method == AnalysisMethod::kGlmm;
  if (plan.has_fixed_readers && plan.small_sample != SmallSampleMethod::kNone) {
    return MethodFault{"small_sample is for readers taken as a sample", "leave small_sample out, or use readers = \"random\""};
  }
  if (plan.method == AnalysisMethod::kOrHillis) return std::nullopt;
  if (plan.method == AnalysisMethod::kBootstrap) {
    return MethodFault{"the bootstrap gives an interval and no test: no claim can rest on it",
                       "write method = \"or_hillis\" and covariance = \"bootstrap\""};
  }
  if (plan.small_sample != SmallSampleMethod::kNone || plan.covariance != CovarianceMethod::kUnbiased) {
    return MethodFault{"covariance and small_sample belong to method = \"or_hillis\"", "leave them out, or use that method"};
  }
  if (is_ustat && is_mean(metric)) {
    return MethodFault{"U-statistics are of rates and areas, not of " + metric, "use method = \"or_hillis\" (a paired t) or \"glmm\""};
  }
  if (is_ustat && plan.has_fixed_readers) {
    return MethodFault{"U-statistics take readers for a sample", "use method = \"or_hillis\" with readers = \"fixed\""};
  }
  if (is_model && (metric == "auc" || metric == "specificity")) {
    return MethodFault{"there is no mixed model of " + metric, metric == "auc" ? "use method = \"or_hillis\" or \"ustat\"" : "use metric = \"fpr\": it is the same question"};
  }
  const bool has_margin = plan.primary.claim == Claim::kNonInferiority || plan.primary.claim == Claim::kEquivalence;
  if (is_model && !is_mean(metric) && has_margin) {
    return MethodFault{"a margin in points cannot be held against a log odds ratio", "use method = \"or_hillis\" or \"ustat\""};
  }
  if (is_model && is_mean(metric) && plan.has_fixed_readers) {
    return MethodFault{"the mixed model of " + metric + " takes readers for a sample", "use readers = \"random\""};
  }
  return std::nullopt;
}

Json planned_outcome(const Json& results, const std::string& metric, const AnalysisPlan& plan, AnalysisMethod method) {
  const Json& block = results.at(metric);
  if (const auto fault = method_fault(plan); fault && metric == plan.metric && method == plan.method) {
    return to_json(NotEstimable{"not_supported", fault->why + "; " + fault->remedy, {}, {}});
  }
  if (method == AnalysisMethod::kOrHillis) return by_or(block, plan);
  return method == AnalysisMethod::kUstat ? by_moments(block, metric) : by_model(results, metric, plan);
}

void add_limits_at_alpha(Json& results, double alpha) {
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity", "accuracy", "confidence", "time"}) {
    if (!results.contains(metric)) continue;
    Json& block = results.at(metric);
    for (const char* analysis : {"RRRC", "FRRC", "RRFC", "paired_t_over_readers", "unpaired_t_over_readers"}) {
      if (block.contains(analysis)) put_limits(block.at(analysis), alpha, limits_at(block.at(analysis), alpha));
    }
    if (!block.contains("small_sample")) continue;
    Json& few = block.at("small_sample");
    put_limits(few.at("corrected_df"), alpha, limits_at(few.at("corrected_df"), alpha));
    // The wider of both at this level: one has more degrees of freedom, the other may have the larger error.
    auto both = limits_at(block.at("RRRC"), alpha);
    const auto readers = limits_at(block.at("RRFC"), alpha);
    if (both && readers && readers->second - readers->first > both->second - both->first) both = readers;
    put_limits(few.at("rrrc_rrfc_max"), alpha, both);
  }
}

}  // namespace rationale::study
