// The rest of the statistics: calibration and agreement in each arm, and the same question by other
// methods.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "data/page/html.h"
#include "data/plot/calibration.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

Cell number_cell(std::optional<double> value, int decimals) {
  if (!value) return {"not in results.json", "ne n"};
  return {fixed_text(*value, decimals), "n"};
}

/// Of every pair of readers: the kappa, or the least and the most.
Cell kappa_range(const ReportInput& input, const std::string& arm) {
  const Json* pairs = find_block(input.results, {"agreement", arm, "cohen_binary"});
  std::optional<double> least, most;
  if (pairs != nullptr && pairs->is_object()) {
    for (const auto& [pair, own] : pairs->items()) {
      const auto kappa = number_at(&own, "kappa");
      if (!kappa) continue;
      least = std::min(least.value_or(*kappa), *kappa);
      most = std::max(most.value_or(*kappa), *kappa);
    }
  }
  if (!least) return {"not estimable", "ne n"};
  const std::string text = fixed_text(*least, 3);
  return {*least == *most ? text : text + " to " + fixed_text(*most, 3), "n"};
}

/// Brier score, expected calibration error, agreement between readers: a row each, a column an arm.
std::string arms_table(const ReportInput& input) {
  const auto value = [&](const char* block, const std::string& arm,
                         std::initializer_list<std::string> inner, const std::string& key) {
    const Json* found = find_block(input.results, {block, arm});
    if (found != nullptr) found = find_block(*found, inner);
    return number_at(found, key);
  };
  std::vector<std::string> rows;
  const auto add = [&](const char* name, const char* block,
                       std::initializer_list<std::string> inner, const char* key) {
    const auto control = value(block, input.facts.control.id, inner, key);
    const auto treated = value(block, input.facts.treated.id, inner, key);
    if (!control && !treated) return;
    rows.push_back(table_row({{name, ""}, number_cell(control, 3), number_cell(treated, 3)}));
  };
  add("Brier score", "calibration", {}, "brier");
  add("Expected calibration error", "calibration", {}, "ece");
  add("Calibration slope, logistic", "calibration_logistic", {}, "slope");
  add("Calibration in the large, logit", "calibration_logistic", {}, "calibration_in_the_large");
  add("Agreement of readers\u2019 calls, Fleiss kappa", "agreement", {"fleiss_binary"}, "kappa");
  add("Agreement of readers\u2019 calls, Gwet AC1", "agreement", {"ac1_binary"}, "AC1");
  add("Agreement of confidence, ICC(2,1)", "agreement", {"icc_confidence", "ICC2"}, "value");
  add("Agreement of the ratings\u2019 order, Kendall W", "agreement", {"kendall_W_rating"}, "W");
  const Cell control = kappa_range(input, input.facts.control.id), treated = kappa_range(input, input.facts.treated.id);
  if (control.kind == "n" || treated.kind == "n") rows.push_back(table_row({{"Agreement of two readers\u2019 calls, Cohen kappa", ""}, control, treated}));
  if (rows.empty()) return "";
  return table("Calibration and agreement",
               {{"describes, tests nothing", ""},
                {escape_markup(input.facts.control.label), "n"},
                {escape_markup(input.facts.treated.label), "n"}},
               rows);
}

std::vector<CalibrationPoint> points_of(const Json* calibration) {
  std::vector<CalibrationPoint> points;
  const Json* bins = calibration == nullptr ? nullptr : find_block(*calibration, {"bins"});
  if (bins == nullptr) return points;
  for (std::size_t k = 0; k < bins->at("n").size(); ++k) {
    points.push_back({bins->at("mean_p")[k].get<double>(), bins->at("rate")[k].get<double>(), bins->at("n")[k].get<std::size_t>()});
  }
  return points;
}

std::string calibration_figure(const ReportInput& input) {
  const ReportArm &control = input.facts.control, &treated = input.facts.treated;
  CalibrationChart chart;
  chart.id = "calibration";
  chart.title = "Stated probability of disease against the share diseased";
  for (const auto& [arm, points, text] : {std::tuple{&control, &chart.control, &chart.control_text}, {&treated, &chart.treated, &chart.treated_text}}) {
    const Json* block = find_block(input.results, {"calibration", arm->id});
    *points = points_of(block);
    const auto brier = number_at(block, "brier");
    if (points->empty()) continue;
    *text = (brier ? "Brier " + fixed_text(*brier, 3) + ", " : "") + arm->label;
    for (const CalibrationPoint& one : *points) {
      chart.description += fmt::format("{}{}, {} readings: stated {}, diseased {}", chart.description.empty() ? "" : "; ", arm->label, one.n,
                                       percent_text(one.said), percent_text(one.happened));
    }
  }
  if (chart.control.empty() && chart.treated.empty()) return "";
  return figure("Did confidence say what was true?",
                {paragraph("note", "Confidence, with the sign of the call, read as a probability (which no reader was asked for): (rating + 100) / 200, in "
                                   "ten bins, all readers. On the diagonal as many are diseased as stated. Dot area: readings; bins below 10 are off the line.")},
                svg(calibration_plot(chart)));
}

/// The area under the curve under each covariance that results.json holds: what the choice changes.
std::string covariance_table(const ReportInput& input) {
  std::vector<std::string> rows;
  for (const char* covariance : {"unbiased", "delong", "jackknife", "bootstrap"}) {
    const std::string pair = input.facts.treated.id + " - " + input.facts.control.id;
    const Json* block =
        find_block(input.results, {"auc", "OR", covariance, "RRRC", "differences", pair});
    if (block == nullptr) continue;
    const PrintedEstimate estimate = estimate_of(block);
    const std::string name = std::string(covariance) == "delong" ? "DeLong" : covariance;
    if (!estimate.is_estimable) {
      rows.push_back(table_row({{name, ""}, {escape_markup(estimate.reason), "ne", 4}}));
      continue;
    }
    rows.push_back(table_row({{name, ""},
                              {signed_text(*estimate.value, 3), "n"},
                              {interval_text(estimate.lower, estimate.upper, 1, 3), "n"},
                              {df_text(estimate.df), "n"},
                              {escape_markup(p_text(estimate.p)), "n"}}));
  }
  if (rows.size() < 2) return "";
  return table("Area under the curve, by covariance (readers and cases random)" + pair_words(input),
               {{"Covariance", ""},
                {"difference", "n"},
                {"95\u00a0% interval", "n"},
                {"df", "n"},
                {"p", "n"}},
               rows);
}

}  // namespace

std::string further_section(const ReportInput& input) {
  const std::string left = calibration_figure(input), right = arms_table(input) + covariance_table(input);
  if (left.empty() && right.empty()) return "";
  if (left.empty() || right.empty()) return "<section>" + left + right + "</section>\n";
  return "<div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + "</div></div>\n";
}

}  // namespace rationale::study
