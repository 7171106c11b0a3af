// The counts behind the pictures, and what identifies the data and the program.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

Cell count_cell(const std::optional<Count>& count) {
  if (!count || count->n == 0) return {"no calls", "ne n"};
  return {fmt::format("{}/{}", count->positive, count->n), "n"};
}

Cell count_cell(const std::optional<std::size_t>& count) {
  if (!count) return {"not paired", "ne n"};
  return {fmt::format("{}", *count), "n"};
}

Cell area_cell(const std::optional<double>& area) {
  if (!area) return {"not estimable", "ne n"};
  return {fixed_text(*area, 4), "n"};
}

}  // namespace

std::string counts_section(const ReportInput& input) {
  const std::string control = escape_markup(input.facts.control.label);
  const std::string treated = escape_markup(input.facts.treated.label);
  bool has_pairs = false;
  for (const ReportReader& reader : input.readers) has_pairs = has_pairs || reader.fp_only_control;
  std::vector<Cell> headings{{"Reader", ""},
                             {"FP " + control, "n"},
                             {"FP " + treated, "n"},
                             {"TP " + control, "n"},
                             {"TP " + treated, "n"}};
  if (has_pairs) {
    headings.push_back({"FP only " + control, "n"});
    headings.push_back({"FP only " + treated, "n"});
  }
  headings.push_back({"AUC " + control, "n"});
  headings.push_back({"AUC " + treated, "n"});
  std::vector<std::string> rows;
  for (const ReportReader& reader : input.readers) {
    std::vector<Cell> cells{{escape_markup(reader.name), ""},
                            count_cell(reader.fp_control),
                            count_cell(reader.fp_treated),
                            count_cell(reader.tp_control),
                            count_cell(reader.tp_treated)};
    if (has_pairs) {
      cells.push_back(count_cell(reader.fp_only_control));
      cells.push_back(count_cell(reader.fp_only_treated));
    }
    cells.push_back(area_cell(reader.auc_control));
    cells.push_back(area_cell(reader.auc_treated));
    rows.push_back(table_row(cells));
  }
  return "<section class=\"counts\">" + table("The counts behind the pictures", headings, rows) +
         paragraph("note",
                   "FP: normal called positive. TP: diseased called positive. AUC: area under the "
                   "empirical curve.") +
         "</section>\n";
}

std::string digests_section(const ReportInput& input) {
  std::string text;
  const auto add = [&](const std::string& part) {
    text += (text.empty() ? "" : " \u00b7 ") + part;
  };
  for (const NamedDigest& digest : input.facts.digests) {
    add(escape_markup(digest.name) + " <span class=\"mono\">" + escape_markup(digest.value) +
        "</span>");
  }
  if (input.facts.digests.empty()) add("no digest was recorded");
  const std::string& covariance = input.fpr.covariance;
  if (!covariance.empty()) add("covariance of proportions " + escape_markup(covariance) + "; ties one half");
  add("intervals 95\u00a0%");
  if (find_block(input.results, {"declared"}) != nullptr) add("claims at " + alpha_text(input.fpr.plan.alpha) + " two-sided");
  add("full precision: <span class=\"mono\">results.json</span>, from <span "
      "class=\"mono\">readings.csv</span>, in the same folder");
  if (!input.facts.program.empty()) add("written by " + escape_markup(input.facts.program));
  return paragraph("id", text + ".<br>Not for clinical use. " + blinding_sentence(input)) + "\n";
}

}  // namespace rationale::study
