#include "study/report/report_input.h"

#include <algorithm>
#include <set>

#include "data/plot/number_text.h"
#include "study/report/contrast.h"
#include "study/report/fill_readings.h"
#include "study/report/fill_results.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

namespace {

void complete(ReportArm& arm) {
  if (arm.label.empty()) arm.label = arm.id;
  if (!arm.phrase.empty()) return;
  if (arm.id == "visible" || arm.id == "hidden") {
    arm.phrase = "with the heatmap " + arm.id;
  } else {
    arm.phrase = "in arm \u201c" + arm.label + "\u201d";
  }
}

/// What the results themselves could not say, each once.
void add_limits(const ReadingTable& table, ReportInput& input) {
  auto& limits = input.facts.limits;
  if (input.facts.washout.empty()) {
    limits.push_back({"Washout between periods", "not recorded in this file"});
  }
  const auto add_metric = [&](const std::string& name, const MetricResult& metric) {
    if (!metric.is_present) return;
    std::set<std::string> said;
    const auto add = [&](const char* analysis, const PrintedEstimate& estimate) {
      if (estimate.is_estimable || estimate.code == "not_reported") return;
      if (!said.insert(estimate.code).second) return;
      limits.push_back({name + ", " + analysis, estimate.reason});
    };
    add("readers and cases random", metric.rrrc);
    add("readers fixed", metric.frrc);
    if (metric.reader_arm_variance && *metric.reader_arm_variance < 0) {
      limits.push_back({"Reader \u00d7 arm variance, " + name,
                        "estimated below zero (" + fixed_text(*metric.reader_arm_variance, 5) +
                            "): shown as computed, not set to 0"});
    }
  };
  add_metric("false-positive rate", input.fpr);
  add_metric("sensitivity", input.sensitivity);
  add_metric("area under the curve", input.auc);
  if (!input.ratio.lower && !input.ratio.reason.empty()) {
    limits.push_back({"Ratio of false-positive rates", input.ratio.reason});
  }
  if (input.randomisation.p) {
    limits.push_back(
        {"Interval of the randomisation test", "not defined: it tests, it does not estimate"});
  } else if (input.has_two_arms) {
    limits.push_back({"Exact randomisation test", input.randomisation.reason});
  }
  if (!table.has_confidence) limits.push_back({"Confidence", "not recorded in this file"});
  if (!table.has_time) limits.push_back({"Reading time", "not recorded in this file"});
  if (!table.has_ai)
    limits.push_back({"AI right or wrong", "the AI's call is not recorded in this file"});
}

}  // namespace

ReportInput report_input(const Json& all, const CsvTable& readings, ReportFacts facts) {
  ReportInput input;
  complete(facts.control);
  complete(facts.treated);
  input.facts = std::move(facts);
  input.results = results_of_contrast(all, input.facts);
  if (find_block(all, {"contrast"}) != nullptr) input.all_arms = all;
  const Json& results = input.results;
  const Json* load = find_block(results, {"load"});
  if (load != nullptr && load->value("status", "ok") != "ok") {
    input.failure = load->value("reason", "the readings could not be loaded");
    return input;
  }
  const std::string calls = load == nullptr ? "" : load->value("calls_without_rating", "");
  const ReadingTable table = reading_table(readings, input.facts.positive_at, calls);

  std::vector<std::string> names = readers_in(results);
  std::set<std::string> arms;
  for (const ReadingRow& row : table.rows) {
    arms.insert(row.arm);
    if (!is_compared(input.facts, row.arm)) continue;
    if (std::find(names.begin(), names.end(), row.reader) == names.end()) {
      names.push_back(row.reader);
    }
  }
  input.has_two_arms =
      arms.count(input.facts.control.id) == 1 && arms.count(input.facts.treated.id) == 1;
  for (const std::string& name : names) {
    input.readers.push_back(reader_result(results, name, input.facts));
  }
  input.fpr = metric_result(results, "fpr", input.facts, names);
  input.sensitivity = metric_result(results, "sensitivity", input.facts, names);
  input.specificity = metric_result(results, "specificity", input.facts, names);
  input.accuracy = metric_result(results, "accuracy", input.facts, names);
  input.auc = metric_result(results, "auc", input.facts, names);
  input.ratio = ratio_result(results);
  input.randomisation = randomisation_result(results);
  input.confidence = mean_result(results, "confidence", input.facts);
  input.time = mean_result(results, "time", input.facts);
  const auto explain_missing = [](MeanResult& mean, bool has_column) {
    if (mean.difference.code != "not_reported" || has_column) return;
    mean.difference = not_estimable("no_column", "not recorded in this file");
  };
  explain_missing(input.confidence, table.has_confidence);
  explain_missing(input.time, table.has_time);
  fill_flow(table, input);
  fill_pictures(table, input);
  fill_ai(table, input);
  add_limits(table, input);
  return input;
}

}  // namespace rationale::study
