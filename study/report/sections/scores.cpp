// How sure the readers were, confidence and time, and what the report could not say.
#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/score_histogram.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

std::size_t sum(const std::vector<std::size_t>& bins) {
  std::size_t total = 0;
  for (const std::size_t bin : bins) total += bin;
  return total;
}

std::string score_figure(const ReportInput& input) {
  const Histogram& histogram = input.histogram;
  if (histogram.edges.empty()) {
    return figure("Ratings",
                  {paragraph("note", missing_text("not estimable: no rating in this file"))}, "");
  }
  ScoreHistogram chart;
  chart.id = "scores";
  chart.title = "Ratings of both arms, normal and diseased";
  chart.edges = histogram.edges;
  chart.is_signed = histogram.is_signed;
  if (histogram.is_signed) {
    chart.ticks = {-100, -50, 50, 100};
  } else {
    chart.ticks = round_ticks(histogram.edges.front(), histogram.edges.back(), 7);
  }
  std::size_t n_normal = 0, n_diseased = 0;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    const ReportArm& facts = arm == 0 ? input.facts.control : input.facts.treated;
    if (sum(histogram.normal[arm]) + sum(histogram.diseased[arm]) == 0) continue;
    ScorePanel panel;
    panel.arm = facts.label;
    panel.is_treated = arm == 1;
    panel.normal = histogram.normal[arm];
    panel.diseased = histogram.diseased[arm];
    const bool has_calls = !input.readers.empty() &&
                           (arm == 0 ? input.readers[0].fp_control || input.readers[0].tp_control
                                     : input.readers[0].fp_treated || input.readers[0].tp_treated);
    if (has_calls) {
      panel.false_positives = fmt::format("{} false positive{}", input.false_positives[arm],
                                          input.false_positives[arm] == 1 ? "" : "s");
      panel.missed = fmt::format("{} missed", input.missed[arm]);
    }
    chart.description += fmt::format("{}{}: {} readings of normal {}, {} of diseased; {}, {}",
                                     chart.description.empty() ? "" : "; ", facts.label,
                                     sum(panel.normal), input.facts.case_many, sum(panel.diseased),
                                     has_calls ? panel.false_positives : "no calls recorded",
                                     has_calls ? panel.missed : "no threshold");
    n_normal = std::max(n_normal, sum(panel.normal));
    n_diseased = std::max(n_diseased, sum(panel.diseased));
    chart.panels.push_back(std::move(panel));
  }
  chart.caption =
      fmt::format("{} Light, up: {} normal. Dark, down: {} diseased.{}",
                  histogram.is_signed ? "Readings per bin of 10." : "Readings per rating.",
                  n_normal, n_diseased, histogram.is_signed ? " Sign: the call." : "");
  const bool has_errors =
      input.false_positives[0] + input.false_positives[1] + input.missed[0] + input.missed[1] > 0;
  return figure(has_errors && histogram.is_signed ? "How sure they were, and how often wrong"
                                                  : "How the ratings fell",
                {}, svg(score_histogram_plot(chart)));
}

std::string limits_table(const ReportInput& input) {
  std::vector<std::string> rows;
  for (const Limit& limit : input.facts.limits) {
    rows.push_back(
        table_row({{escape_markup(capital(limit.what)), ""}, {escape_markup(limit.why), "ne"}}));
  }
  if (rows.empty()) return "";
  return table("What this report could not say", {}, rows);
}

}  // namespace

std::string scores_section(const ReportInput& input) {
  std::string right = "<h2>Confidence and time</h2>";
  if (input.has_two_arms) {
    right +=
        paragraph("text", confidence_sentence(input)) + paragraph("text", time_sentence(input));
  } else {
    right += paragraph("text", missing_text("one arm: no change to report"));
  }
  right += limits_table(input);
  return "<div class=\"row c2b\">" + score_figure(input) + "\n<div>" + right + "</div></div>\n";
}

}  // namespace rationale::study
