#include "study/report/report_html.h"

#include "data/page/html.h"
#include "data/page/style.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"

namespace rationale::study {

std::string report_html(const ReportInput& input) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; img-src data:\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Rationale "
      "study report: ";
  html += escape_markup(input.facts.id.empty() ? input.facts.title : input.facts.id);
  html += "</title><style>\n" + plot_css() + page_css() + "</style></head><body><main>\n";
  html += identity_section(input);
  if (!input.failure.empty()) {
    html += "<div class=\"head\"><div>" +
            paragraph("big", "<b>The readings could not be analysed</b>: " +
                                 escape_markup(input.failure) + ".") +
            "</div></div>\n";
  } else {
    html += head_section(input);
    html += answers_section(input);
    html += plan_section(input);
    html += declared_subgroups_section(input);
    html += not_prespecified_heading(input);
    html += readers_section(input);
    html += end_points_section(input);
    html += models_section(input);
    html += ai_section(input);
    html += robustness_section(input);
    html += scores_section(input);
    html += further_section(input);
    html += methods_section(input);
    html += examples_section(input);
    html += record_section(input);
    html += flow_section(input);
    html += counts_section(input);
    html += checklists_section(input);
  }
  html += digests_section(input);
  return html + "</main></body></html>\n";
}

}  // namespace rationale::study
