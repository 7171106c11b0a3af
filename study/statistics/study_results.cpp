#include "study/statistics/study_results.h"

#include <set>

#include "study/statistics/accuracy_block.h"
#include "study/statistics/ai_switch.h"
#include "study/statistics/automation_bias.h"
#include "study/statistics/declared.h"
#include "study/statistics/metric_block.h"
#include "study/statistics/missing_readings.h"
#include "study/statistics/models_json.h"
#include "study/statistics/order_effects.h"
#include "study/statistics/planned_outcome.h"
#include "study/statistics/reader_means.h"
#include "study/statistics/results_json.h"
#include "study/statistics/subgroups.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kUsualAlpha = 0.05;  // of all limits that results.json calls lower and upper

NotEstimable verdict(const char* code, const std::string& reason) { return {code, reason, {}, {}}; }

/// Different readers in each arm: nothing is paired.
Json nested_means_json(const StudyReadings& s, const Merits& m) {
  Json json = Json::object();
  for (std::size_t i = 0; i < s.arms.size(); ++i) {
    double sum = 0;
    int n = 0;
    for (std::size_t j = 0; j < s.readers.size(); ++j) {
      const auto& mean = m.theta[i * s.readers.size() + j];
      if (!mean) continue;
      json["values"][s.readers[j]][s.arms[i]] = *mean;
      sum += *mean;
      ++n;
    }
    json["arm_mean"][s.arms[i]] = sum / n;
  }
  json["design"] = "readers_nested_in_arms";
  json["unpaired_t_over_readers"] = to_json(difference_rrfc(m));
  return json;
}

Json means_block(const StudyReadings& s, Measure measure) {
  const auto outcome = reader_means(s, measure);
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
    Json json{{"paired_t_over_readers", to_json(*why)}};
    const Merits m = mean_merits(s, measure);
    if (s.arms.size() == 2 && m.nested()) json.update(nested_means_json(s, m));
    return json;
  }
  const ReaderMeans& means = std::get<ReaderMeans>(outcome);
  Json json{{"readers", s.readers}, {s.arms[0], means.first}, {s.arms[1], means.second}};
  json["paired_t_over_readers"] = to_json(means.difference);
  return json;
}

Json ai_split_block(const StudyReadings& s) {
  Json json = Json::object();
  for (const bool ai_right : {true, false}) {
    const char* stratum = ai_right ? "ai_right" : "ai_wrong";
    for (const bool diseased : {false, true}) {
      const char* metric = diseased ? "sensitivity" : "fpr";
      const CaseReadings decisions = s.decisions(diseased, ai_right);
      Json& block = json[stratum][metric];
      block["n_cases"] = decisions.value.cols();
      if (decisions.value.cols() == 0) {
        block.update(no_block(verdict("no_cases", "the AI was never so on such a case")));
        continue;
      }
      block["counts"] = counts_json(s, decisions);
      const Merits m = rate_merits(s, decisions, diseased ? "diseased" : "normal");
      block["RRRC"] = to_json(difference_rrrc(m));
      block["FRRC"] = to_json(difference_frrc(m));
    }
  }
  return json;
}

Json switch_json(const StudyReadings& s, std::optional<bool> truth,
                 std::optional<int> reader = {}) {
  const Switches w = switches(s, truth, reader);
  const auto rate = [](int n, int of) -> Json {
    if (of == 0) return to_json(verdict("no_cases", "there was no such pair of readings"));
    return static_cast<double>(n) / of;
  };
  const int wrong_wrong_opportunities = w.ai_wrong.right_right + w.ai_wrong.right_wrong;
  const int right_opportunities = w.ai_right.wrong_right + w.ai_right.wrong_wrong;
  const AiReliance lean = ai_reliance(s, truth, reader).value_or(AiReliance{});
  return {{"n", w.all.n},
          {"correct_to_correct", w.all.right_right},
          {"correct_to_wrong", w.all.right_wrong},
          {"wrong_to_correct", w.all.wrong_right},
          {"wrong_to_wrong", w.all.wrong_wrong},
          {"ai_right",
           {{"n", w.ai_right.n},
            {"correct_to_wrong", w.ai_right.right_wrong},
            {"wrong_to_correct", w.ai_right.wrong_right},
            {"opportunities_wrong_unaided", right_opportunities}}},
          {"ai_wrong",
           {{"n", w.ai_wrong.n},
            {"correct_to_wrong", w.ai_wrong.right_wrong},
            {"wrong_to_correct", w.ai_wrong.wrong_right},
            {"opportunities_correct_unaided", wrong_wrong_opportunities}}},
          {"automation_bias_rate", rate(w.ai_wrong.right_wrong, wrong_wrong_opportunities)},
          {"beneficial_switch_rate", rate(w.ai_right.wrong_right, right_opportunities)},
          {"agreement_with_ai", {{s.arms[0], lean.agreement[0]}, {s.arms[1], lean.agreement[1]}}},
          {"rates", switch_rates_json(s, truth, reader)},
          {"over_reliance_fp", lean.false_positives_followed},
          {"appropriate_override", lean.overrides}};
}

Json load_json(const LoadedReadings& loaded) {
  if (loaded.error) {
    Json json{{"status", "error"}, {"code", loaded.error->code}, {"reason", loaded.error->reason}};
    if (loaded.error->line > 0) json["line"] = loaded.error->line;
    if (loaded.error->first_line > 0) json["first_line"] = loaded.error->first_line;
    return json;
  }
  Json json{{"status", "ok"}, {"n_rows", loaded.readings.n_rows}};
  const std::string& calls = loaded.readings.calls_without_rating;
  if (!calls.empty()) {
    json["calls_without_rating"] = calls;
    json["note"] = "no reading called " + calls + " has a rating: they count for the rates, and there is no AUC";
  }
  if (loaded.readings.n_missing > 0) {
    json["missing_readings"] = loaded.readings.n_missing;
    json["note"] = calls.empty() ? "an empty or NA rating is a missing reading; it is never 0"
                                 : json["note"].get<std::string>() + "; another empty or NA rating is a missing reading";
  }
  return json;
}

/// What was drawn is drawn anew: orders of the arms, or of parallel groups the arms of the readers.
Json randomisation_block(const StudyReadings& s, bool diseased_cases, const AnalysisPlan& plan) {
  auto readers = s.arms.size() == 2 ? readers_in_one_arm(s, diseased_cases) : std::nullopt;
  if (!readers) return randomisation_json(randomisation_test(s, diseased_cases, plan.draw));
  if (plan.draw && plan.draw->is_parallel) return reader_permutation_json(reader_permutation(s, std::move(*readers), plan.seed), s);
  return to_json(verdict("readers_nested_in_arms",
                         plan.draw ? "each reader read in one arm, though the protocol's [design] gives every reader both: there is no pair to turn round"
                                   : "each reader read in one arm, and nothing says that the readers were drawn into arms: with a protocol whose "
                                     "[design] kind is parallel, their arms are drawn anew"));
}

/// The primary result as the protocol wants it said.
Json endpoint_json(const Json& results, const AnalysisPlan& plan) {
  Json json{{"metric", plan.metric}, {"method", name_of(plan.method)}, {"small_sample", name_of(plan.small_sample)}, {"alpha", plan.alpha}};
  if (!results.contains(plan.metric)) return json;
  const Json& block = results.at(plan.metric);
  if (plan.method == AnalysisMethod::kOrHillis && block.contains("covariance")) json["covariance"] = block.at("covariance");
  if (plan.has_fixed_readers && block.contains("RRRC")) json["holds_for"] = "these readers";
  json["result"] = planned_outcome(results, plan.metric, plan, plan.method);
  return json;
}

/// Whether a column divides the cases at all.
bool has_levels(const StudyReadings& s, const std::string& column) {
  const auto found = s.columns.find(column);
  if (found == s.columns.end()) return false;
  std::set<std::string> levels;
  for (const auto& values : found->second) levels.insert(values.begin(), values.end());
  return levels.size() > 1;
}

/// Those of the protocol; without one the strata, if there are some.
void add_subgroups(Json& json, const StudyReadings& s, const AnalysisPlan& plan) {
  const std::string metric = plan.metric.empty() ? "fpr" : plan.metric;
  if (!plan.subgroups.empty()) {
    json["subgroups"] = subgroups_json(s, plan.subgroups, metric, true);
  } else if (has_levels(s, "stratum")) {
    json["subgroups"] = subgroups_json(s, {PlannedSubgroup{.id = "stratum", .column = "stratum"}}, metric, false);
  }
}

/// What compares two arms only, for each pair of more than two; the metrics have their own `pairs`.
Json pairs_json(const StudyReadings& s, const AnalysisPlan& plan) {
  Json json = Json::object();
  const int n = static_cast<int>(s.arms.size());
  for (int a = 0; a < n; ++a) {
    for (int b = a + 1; b < n; ++b) {
      const StudyReadings pair = s.with_arms({a, b});
      Json& block = json[difference_name(s, a, b)];
      block["randomisation_fpr"] = randomisation_block(pair, false, plan);
      block["randomisation_sensitivity"] = randomisation_block(pair, true, plan);
      block["confidence"] = means_block(pair, Measure::kConfidence);
      block["time"] = means_block(pair, Measure::kLogTime);
      add_models(block, pair, plan.threads);
      add_subgroups(block, pair, plan);
      if (pair.has_decisions) block["order_effects"] = order_effects_json(pair);
    }
  }
  return json;
}

}  // namespace

Json study_results(const LoadedReadings& loaded, const AnalysisPlan& plan) {
  Json json{{"load", load_json(loaded)}};
  if (loaded.error) return json;
  const StudyReadings& s = loaded.readings;
  json["n_readers"] = s.readers.size();
  json["n_arms"] = s.arms.size();
  json["n_normal"] = s.normal.size();
  json["n_diseased"] = s.diseased.size();
  json["fully_crossed"] = s.is_fully_crossed;
  json["cluster"] = cluster_json(s.patients(), "cases of a patient stay together in covariances, resamples and estimating equations; linear mixed "
                                               "models have an effect of the patient, logistic ones have none and are not fitted; the "
                                               "randomisation test names its unit");
  json["auc"] = auc_block(s, plan);
  json["fpr"] = rate_block(s, Rate::kFpr, plan);
  json["sensitivity"] = rate_block(s, Rate::kSensitivity, plan);
  json["specificity"] = rate_block(s, Rate::kSpecificity, plan);
  json["accuracy"] = accuracy_block(s, plan);
  json["randomisation_fpr"] = randomisation_block(s, false, plan);
  json["randomisation_sensitivity"] = randomisation_block(s, true, plan);
  json["confidence"] = means_block(s, Measure::kConfidence);
  json["time"] = means_block(s, Measure::kLogTime);
  add_models(json, s, plan.threads);
  if (plan.alpha != kUsualAlpha) add_limits_at_alpha(json, plan.alpha);
  if (!plan.metric.empty()) {
    json["endpoint"] = endpoint_json(json, plan);
    json["declared"] = declared_json(json, plan);
  }
  for (const EstimandAttribute& one : plan.estimand) json["estimand"][one.name] = one.text;
  json["missing"] = missing_json(s, plan.alpha);
  if (s.arms.size() > 2) json["pairs"] = pairs_json(s, plan);
  if (s.arms.size() != 2) return json;
  add_subgroups(json, s, plan);
  if (!s.has_decisions) return json;
  json["order_effects"] = order_effects_json(s);
  const bool has_ai = switches(s).has_ai;
  if (has_ai) {
    json["ai_split"] = ai_split_block(s);
    json["switch"] = {{"all", switch_json(s, std::nullopt)},
                      {"normals", switch_json(s, false)},
                      {"diseased", switch_json(s, true)}};
    for (std::size_t j = 0; j < s.readers.size(); ++j) {
      json["switch"][s.readers[j]] = switch_json(s, std::nullopt, static_cast<int>(j));
    }
  }
  json["automation_bias"] = automation_bias_json(json, s, has_ai);
  return json;
}

}  // namespace rationale::study
