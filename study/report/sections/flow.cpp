// Example cases, and the flow of readings from plan to analysis with every loss.
#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/page/html.h"
#include "data/plot/flow_chart.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

std::string examples_section(const ReportInput& input) {
  if (input.facts.examples.empty()) return "";
  std::string html = "<section><h2>Examples: where most readers changed</h2>";
  html += paragraph("note", "Chosen by rule, not by eye: of normal and of diseased cases, for the better and for the "
                            "worse, the one at which most readers changed; ties by name. Each film under its "
                            "heatmap, on the colour scale of the study.");
  html += "<div class=\"examples\">";
  for (const ExampleCase& example : input.facts.examples) {
    // The page shall load nothing: a picture is part of it or is not shown.
    if (example.image.rfind("data:image/png;base64,", 0) != 0) {
      throw Error(Error::Kind::kInternal,
                  "an example picture of the report is not a data: URI of a PNG");
    }
    html += fmt::format("<figure><img src=\"{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>",
                        escape_markup(example.image), escape_markup(example.alt),
                        paragraph("note", escape_markup(example.caption)));
  }
  return html + "</div></section>\n";
}

namespace {

std::string readings_text(std::size_t n) { return fmt::format("{} {}", n, n == 1 ? "reading" : "readings"); }

/// The flow as it is drawn; its description says what the table beside it holds.
FlowChart chart_of(const std::vector<FlowStage>& flow) {
  FlowChart chart{"flow", "Flow of readings from enrolment to analysis", "", {}};
  for (const FlowStage& stage : flow) {
    FlowBox box{stage.n ? fmt::format("{}: {}", stage.title, readings_text(*stage.n)) : stage.title, stage.lines, {}};
    for (const FlowLoss& loss : stage.losses) {
      box.left_out.push_back(fmt::format("{}: {}", loss.n, loss.reason));
      chart.description += fmt::format("left out, {}: {}; ", readings_text(loss.n), loss.reason);
    }
    chart.description += box.title + (chart.boxes.size() + 1 == flow.size() ? "" : "; ");
    chart.boxes.push_back(std::move(box));
  }
  return chart;
}

std::string flow_table(const std::vector<FlowStage>& flow) {
  std::vector<std::string> rows;
  for (const FlowStage& stage : flow) {
    for (const FlowLoss& loss : stage.losses) {
      rows.push_back(table_row({{"left out", "flag"}, {fmt::format("{}", loss.n), "n"}, {escape_markup(loss.reason), "text"}}));
    }
    std::string lines;
    for (const std::string& line : stage.lines) lines += (lines.empty() ? "" : "; ") + escape_markup(line);
    rows.push_back(table_row({{escape_markup(stage.title), ""}, {stage.n ? fmt::format("{}", *stage.n) : "", "n"}, {lines, "text"}}));
  }
  return table("The flow in numbers", {{"stage", ""}, {"readings", "n"}, {"what, or why not", ""}}, rows);
}

}  // namespace

std::string flow_section(const ReportInput& input) {
  const ReportFacts& facts = input.facts;
  if (facts.flow.empty()) return "";
  const bool has_losses = std::ranges::any_of(facts.flow, [](const FlowStage& one) { return !one.losses.empty(); });
  const char* heading = has_losses               ? "Flow: what was read, and what was left out"
                        : input.is_fully_crossed ? "Flow: nothing was lost"
                                                 : "Flow of readings";
  const std::string washout = facts.washout.empty() ? missing_text("not recorded in this file")
                                                    : escape_markup(facts.washout);
  return "<section><div class=\"row c2b\">" + figure(heading, {}, svg(flow_chart_plot(chart_of(facts.flow)))) + "\n<div>" +
         flow_table(facts.flow) +
         paragraph("note", "Washout between the periods: " + washout + ". Training of the readers: " +
                               (facts.training.empty() ? missing_text("not recorded in this file") : escape_markup(facts.training)) + ".") +
         "</div></div></section>\n";
}

}  // namespace rationale::study
