// The counts behind the pictures, and what identifies the data and the program.
#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

Cell count_cell(const std::optional<Count>& count, const char* none) {
  if (!count || count->n == 0) return {none, "ne n"};
  return {fmt::format("{}/{}", count->positive, count->n), "n"};
}

Cell count_cell(const std::optional<std::size_t>& count) {
  if (!count) return {"not paired", "ne n"};
  return {fmt::format("{}", *count), "n"};
}

Cell area_cell(const std::optional<double>& area, const char* none) {
  if (!area) return {none, "ne n"};
  return {fixed_text(*area, 4), "n"};
}

Cell p_cell(const std::optional<double>& p) {
  if (!p) return {"not estimable", "ne n"};
  return {escape_markup(p_text(*p)), "n"};
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
  const auto any = [&](auto has) { return std::ranges::any_of(input.readers, has); };
  const bool has_fp_test = any([](const ReportReader& one) { return one.fp_exact_p.has_value(); });
  const bool has_tp_test = any([](const ReportReader& one) { return one.tp_exact_p.has_value(); });
  const bool has_kappa = any([](const ReportReader& one) { return one.own_kappa.has_value(); });
  if (has_pairs) {
    headings.push_back({"FP only " + control, "n"});
    headings.push_back({"FP only " + treated, "n"});
  }
  if (has_fp_test) headings.push_back({"p, FP", "n"});
  if (has_tp_test) headings.push_back({"p, TP", "n"});
  if (has_kappa) headings.push_back({"\u03ba", "n"});
  headings.push_back({"AUC " + control, "n"});
  headings.push_back({"AUC " + treated, "n"});
  std::vector<std::string> rows;
  const char* no_calls = input.is_nested ? "not read" : "no calls";
  const char* no_area = input.is_nested ? "not read" : "not estimable";
  for (const ReportReader& reader : input.readers) {
    std::vector<Cell> cells{{escape_markup(reader.name), ""},
                            count_cell(reader.fp_control, no_calls),
                            count_cell(reader.fp_treated, no_calls),
                            count_cell(reader.tp_control, no_calls),
                            count_cell(reader.tp_treated, no_calls)};
    if (has_pairs) {
      cells.push_back(count_cell(reader.fp_only_control));
      cells.push_back(count_cell(reader.fp_only_treated));
    }
    if (has_fp_test) cells.push_back(p_cell(reader.fp_exact_p));
    if (has_tp_test) cells.push_back(p_cell(reader.tp_exact_p));
    if (has_kappa) cells.push_back(reader.own_kappa ? Cell{fixed_text(*reader.own_kappa, 2), "n"} : Cell{"not estimable", "ne n"});
    cells.push_back(area_cell(reader.auc_control, no_area));
    cells.push_back(area_cell(reader.auc_treated, no_area));
    rows.push_back(table_row(cells));
  }
  return "<section class=\"counts\">" + table("The counts behind the pictures", headings, rows) +
         paragraph("note",
                   std::string("FP: normal called positive. TP: diseased called positive. AUC: area under the empirical curve.") +
                       (has_fp_test || has_tp_test ? " p: McNemar\u2019s exact test of that reader\u2019s discordant cases alone, not adjusted: it holds for that "
                                                     "reader and says nothing of others." : "") +
                       (has_kappa ? " \u03ba: agreement of a reader\u2019s calls in one arm with the same reader\u2019s in the other (Cohen)." : "")) +
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
  if (input.facts.ai && !input.facts.ai->explanations.empty()) add("explanations " + escape_markup(input.facts.ai->explanations));
  if (!covariance.empty()) add("covariance of proportions " + escape_markup(covariance) + "; ties one half");
  add("intervals 95\u00a0%");
  if (find_block(input.results, {"declared"}) != nullptr) add("claims at " + alpha_text(input.fpr.plan.alpha) + " two-sided");
  add("full precision: <span class=\"mono\">results.json</span>, from <span "
      "class=\"mono\">readings.csv</span>, in the same folder");
  if (!input.facts.program.empty()) add("written by " + escape_markup(input.facts.program));
  return paragraph("id", text + ".<br>Not for clinical use. " + blinding_sentence(input)) + "\n";
}

}  // namespace rationale::study
