// Every end point under one zero line, each group in its own unit.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/page/html.h"
#include "data/plot/intervals.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/sections/forest_scale.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

ForestRow row_of(const std::string& name, const PrintedEstimate& thick, const PrintedEstimate* thin,
                 ForestScale scale) {
  ForestRow row;
  row.name = name;
  row.thick = interval_of(thick, scale);
  row.thick_columns = columns_of(thick, scale);
  if (!row.thick) row.thick_words = "not estimable: " + short_reason(thick);
  if (thin == nullptr) return row;
  row.thin = interval_of(*thin, scale);
  row.thin_columns = columns_of(*thin, scale);
  if (!row.thin && (row.thick || thin->code != thick.code)) {
    row.thin_words = "not estimable: " + short_reason(*thin);
  }
  return row;
}

/// The numbers of a row in words, for those who cannot see the chart.
std::string describe(const ForestRow& row, const std::string& unit) {
  if (!row.thick) return row.name + ": " + row.thick_words;
  return fmt::format("{}: {} {}, 95\u00a0% interval {}", row.name, row.thick_columns.difference,
                     unit, row.thick_columns.interval);
}

/// These readers, films random: the model in which readers react alike, where there is one.
const PrintedEstimate* alike_of(const MeanResult& mean) { return mean.model_alike.is_estimable ? &mean.model_alike : nullptr; }

/// " *" behind what the protocol does not declare.
std::string star_of(const ReportInput& input, const std::string& metric) {
  const auto* declared = find_block(input.results, {"declared"});
  if (declared == nullptr || metric == input.facts.primary) return "";
  for (const auto& one : declared->at("secondary")) {
    if (one.value("metric", "") == metric && one.value("code", "") != "other_contrast") return "";
  }
  return " *";
}

}  // namespace

std::string end_points_section(const ReportInput& input) {
  if (!input.has_two_arms) return "";
  ForestGroup rates{"percentage points", {}, 100};
  std::string said_narrower;
  std::vector<std::string> ids{"fpr", "sensitivity", "specificity", "auc"};
  std::ranges::stable_partition(ids, [&](const std::string& id) { return id == input.facts.primary; });
  for (const std::string& id : ids) {
    const MetricResult& metric = metric_of(input, id);
    if (!metric.is_present) continue;
    // Specificity is 100 % less the false-positive rate: a second row would be the first one
    // mirrored.
    if (id == "specificity" && input.facts.primary != "specificity") continue;
    const std::string name = (id == "auc" ? "AUC \u00d7 100" : capital(metric_words(id).name)) + star_of(input, id);
    ForestRow row = row_of(name, metric.random(), &metric.frrc, as_percent);
    if (id == "sensitivity" && input.facts.margin) {
      row.margin = -100 * *input.facts.margin;
      row.margin_text =
          "margin " + fixed_text(*row.margin, *row.margin == std::round(*row.margin) ? 0 : 1);
    }
    if (is_narrower_than_fixed(metric)) said_narrower += (said_narrower.empty() ? "" : ", ") + name;
    rates.rows.push_back(std::move(row));
  }
  Forest forest;
  forest.id = "endpoints";
  forest.title = fmt::format("Differences {} minus {}, all end points", input.facts.treated.label,
                             input.facts.control.label);
  forest.less = "\u2190 less " + input.facts.treated.label;
  forest.more = "more " + input.facts.treated.label + " \u2192";
  if (input.facts.treated.id == "visible") {
    forest.less = "\u2190 less with heatmap";
    forest.more = "more with heatmap \u2192";
  }
  forest.less_short = "\u2190 less";
  forest.more_short = "more \u2192";
  if (!rates.rows.empty()) forest.groups.push_back(std::move(rates));
  const auto is_asked = [](const PrintedEstimate& estimate) {
    return estimate.code != "not_reported" && estimate.code != "no_column";
  };
  if (is_asked(input.confidence.difference)) {
    forest.groups.push_back({"points of 100",
                             {row_of("Confidence" + star_of(input, "confidence"), input.confidence.difference, alike_of(input.confidence), as_is)},
                             100});
  }
  if (is_asked(input.time.difference)) {
    forest.groups.push_back(
        {"% of the time without",
         {row_of("Reading time" + star_of(input, "time"), input.time.difference, alike_of(input.time), as_relative_percent)},
         300});
    if (input.facts.control.id == "hidden") forest.groups.back().unit = "% of hidden time";
  }
  if (forest.groups.empty()) return "";
  const char* leading = input.facts.primary == "confidence" ? "Confidence" : "Reading time";
  if (input.facts.primary == "confidence" || input.facts.primary == "time") {
    std::ranges::stable_partition(forest.groups, [&](const ForestGroup& group) { return group.rows.front().name.starts_with(leading); });
  }
  for (const ForestGroup& group : forest.groups) {
    for (const ForestRow& row : group.rows) {
      forest.description += (forest.description.empty() ? "" : "; ") + describe(row, group.unit);
    }
  }

  std::string side = paragraph(
      "note",
      fmt::format("<b>Thick</b>: readers and {} random (confidence and time: readers random). "
                  "<b>Thin</b>: {}, {} random{}. Each group has its own unit; AUC is multiplied by "
                  "100. An arrow head: the interval goes on.",
                  escape_markup(input.facts.case_many), these_readers(input.readers.size()),
                  escape_markup(input.facts.case_many),
                  alike_of(input.confidence) != nullptr || alike_of(input.time) != nullptr
                      ? " (confidence and time: the mixed model in which readers react alike)" : ""));
  if (!said_narrower.empty()) {
    side +=
        paragraph("note", "<span class=\"flag\">" + said_narrower +
                              ": read the thin line.</span> The thick one is narrower than case "
                              "sampling allows, see the note at the top.");
  }
  if (input.fpr.plan.has_fixed_readers) side += paragraph("note", "The protocol claims about these readers: <b>the thin line decides</b>.");
  side += paragraph("note",
                    find_block(input.results, {"declared"}) != nullptr
                        ? "The primary end point stands first. * Not pre-specified: described without a claim."
                    : input.facts.is_locked ? "The primary end point stands first; the rest is described without a claim."
                                            : "No order of end points was locked: all rows describe, none is a claim.");
  return "<div class=\"row c3\">" +
         figure(
             fmt::format("Every end point: {} \u2212 {}", escape_markup(input.facts.treated.label),
                         escape_markup(input.facts.control.label)),
             {}, svg(forest_plot(forest))) +
         "<div class=\"side\">" + side + "</div></div>\n";
}

}  // namespace rationale::study
