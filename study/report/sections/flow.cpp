// Example cases, and the flow of readings from plan to analysis with every loss.
#include <fmt/format.h>

#include "data/base/error.h"
#include "data/page/html.h"
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

std::string flow_section(const ReportInput& input) {
  const ReportFacts& facts = input.facts;
  if (facts.flow.empty()) return "";
  bool has_losses = false;
  std::string items;
  for (const FlowStage& stage : facts.flow) {
    items += "<li>";
    for (const std::string& loss : stage.losses) {
      items += "<span class=\"loss\">lost before: " + escape_markup(loss) + "</span>";
      has_losses = true;
    }
    items += "<b>" + escape_markup(stage.title) + "</b>";
    for (std::size_t i = 0; i < stage.lines.size(); ++i) {
      items += i == 0 ? "<br>" + escape_markup(stage.lines[i])
                      : "<br><small>" + escape_markup(stage.lines[i]) + "</small>";
    }
    items += "</li>";
  }
  const std::string heading = has_losses || input.n_missing > 0
                                  ? "Flow: what was read, and what was lost"
                              : input.is_fully_crossed ? "Flow: nothing was lost"
                                                       : "Flow of readings";
  const std::string washout = facts.washout.empty() ? missing_text("not recorded in this file")
                                                    : escape_markup(facts.washout);
  return "<section>" +
         figure(heading, {},
                fmt::format("<ol class=\"flow\" style=\"--stages:{}\">{}</ol>", facts.flow.size(),
                            items)) +
         paragraph("note", "Washout between the periods: " + washout + ". Training of the readers: " +
                               (facts.training.empty() ? missing_text("not recorded in this file") : escape_markup(facts.training)) + ".") +
         "</section>\n";
}

}  // namespace rationale::study
