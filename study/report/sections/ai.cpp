// Where the AI was right and where it was wrong, and how readings switched between the arms.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/split_rates.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

double rate(const Count& count) {
  return static_cast<double>(count.positive) / static_cast<double>(count.n);
}

SplitRow row_of(const AiStratum& stratum) {
  SplitRow row;
  row.name = stratum.is_ai_right ? "AI right" : "AI wrong";
  row.counts = stratum.control.n == stratum.treated.n
                   ? fmt::format("{} \u2192 {} of {}", stratum.control.positive,
                                 stratum.treated.positive, stratum.control.n)
                   : fmt::format("{} of {} \u2192 {} of {}", stratum.control.positive,
                                 stratum.control.n, stratum.treated.positive, stratum.treated.n);
  row.control = rate(stratum.control);
  row.treated = rate(stratum.treated);
  // The mean over readers where results.json has it; the readings pooled otherwise (the same, if
  // crossed).
  const double change = stratum.frrc.value.value_or(row.treated - row.control);
  row.difference = signed_text(100 * change, 1) + " pp";
  if (stratum.frrc.is_estimable) {
    row.interval =
        fmt::format("({})", interval_text(stratum.frrc.lower, stratum.frrc.upper, 100, 1));
  }
  const bool is_more_errors = stratum.metric == "fpr" ? change > 0 : change < 0;
  row.is_wrong_direction =
      is_more_errors && row.difference.find_first_of("123456789") != std::string::npos;
  return row;
}

std::string split_figure(const ReportInput& input) {
  SplitRates chart;
  chart.id = "aisplit";
  chart.title = "Rates where the AI was right and where it was wrong";
  chart.control = input.facts.control.label;
  chart.treated = input.facts.treated.label;
  chart.scale = "share called positive";
  chart.caption =
      "In brackets: 95\u00a0% interval, these readers fixed. Orange: the wrong direction.";
  bool has_interval = false;
  for (const char* metric : {"fpr", "sensitivity"}) {
    SplitGroup group{capital(metric_words(metric).name), {}};
    for (const AiStratum& stratum : input.ai.strata) {
      if (stratum.metric != metric || stratum.control.n == 0 || stratum.treated.n == 0) continue;
      group.rows.push_back(row_of(stratum));
      has_interval = has_interval || stratum.frrc.is_estimable;
      const SplitRow& row = group.rows.back();
      chart.description +=
          fmt::format("{}{}, {}: {}, {} {}", chart.description.empty() ? "" : "; ", group.name,
                      row.name, row.counts, row.difference, row.interval);
    }
    if (!group.rows.empty()) chart.groups.push_back(std::move(group));
  }
  if (!has_interval)
    chart.caption = "Counts of readings; no interval in results.json. Orange: the wrong direction.";
  if (chart.groups.empty()) {
    return figure("Split by whether the AI was right",
                  {paragraph("note", missing_text("not estimable: no reading in both arms"))}, "");
  }
  return figure("Split by whether the AI was right" + pair_words(input), {paragraph("note", ai_note(input))},
                svg(split_rates_plot(chart)));
}

std::string of_text(std::size_t part, std::size_t whole) {
  if (whole == 0) return "none of 0";
  return fmt::format("{} of {}\u00a0\u00a0 {}", part, whole,
                     percent_text(static_cast<double>(part) / static_cast<double>(whole)));
}

std::string switch_table(const ReportInput& input) {
  if (!input.ai.ai_right || !input.ai.ai_wrong) {
    return "<h2>Switches between the unaided and the aided reading</h2>" +
           paragraph("note",
                     missing_text("not estimable: no case was read in both arms by one reader"));
  }
  const SwitchCounts& right = *input.ai.ai_right;
  const SwitchCounts& wrong = *input.ai.ai_wrong;
  const auto were_right = [](const SwitchCounts& counts) {
    return counts.right_right + counts.right_wrong;
  };
  const auto were_wrong = [](const SwitchCounts& counts) {
    return counts.wrong_right + counts.wrong_wrong;
  };
  const std::string harmed = of_text(wrong.right_wrong, were_right(wrong));
  const std::vector<std::string> rows{
      table_row({{"Right unaided, wrong aided", ""},
                 {of_text(right.right_wrong, were_right(right)), "n"},
                 {harmed, "n flag"}}),
      table_row({{"Wrong unaided, right aided", ""},
                 {fmt::format("<b>{}</b>", of_text(right.wrong_right, were_wrong(right))), "n"},
                 {of_text(wrong.wrong_right, were_wrong(wrong)), "n"}}),
      table_row({{"Right both times", ""},
                 {fmt::format("{}", right.right_right), "n"},
                 {fmt::format("{}", wrong.right_right), "n"}}),
      table_row({{"Wrong both times", ""},
                 {fmt::format("{}", right.wrong_wrong), "n"},
                 {fmt::format("{}", wrong.wrong_wrong), "n"}})};
  return table("Switches between the unaided and the aided reading" + pair_words(input),
               {{fmt::format("{} reading pairs", right.n + wrong.n), ""},
                {"AI right", "n"},
                {"AI wrong", "n"}},
               rows) +
         paragraph("note", switch_note(input));
}

}  // namespace

std::string ai_section(const ReportInput& input) {
  if (!input.has_two_arms) return "";
  if (!input.ai.is_present) {
    return "<section><h2>Split by whether the AI was right</h2>" +
           paragraph("note", missing_text("not estimable: " + input.ai.why_not)) + "</section>\n";
  }
  return "<div class=\"row c2b\">" + split_figure(input) + "\n<div>" + switch_table(input) +
         "</div></div>\n";
}

}  // namespace rationale::study
