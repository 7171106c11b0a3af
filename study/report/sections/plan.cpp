// What was declared and what came of it: estimand, claims in their order, and what was not pre-specified.
#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/checklists.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string estimand_table(const ReportInput& input) {
  const Json* block = find_block(input.results, {"estimand"});
  if (block == nullptr) return "";
  std::vector<std::string> rows;
  for (const auto& [name, text] : block->items()) {
    rows.push_back(table_row({{escape_markup(capital(spaced(name))), ""}, {escape_markup(text.get<std::string>()), "text"}}));
  }
  return table("Estimand of the primary end point", {}, rows);
}

/// Name and change of an end point; confidence and time are no rates.
struct ClaimWords {
  std::string name, change;
};

ClaimWords claim_words(const Json& claim) {
  const std::string metric = claim.at("metric");
  const double estimate = claim.value("estimate", 0.0);
  if (claim.contains("scale")) return {metric_words(metric).name, signed_text(estimate, 3) + " log odds"};
  if (metric == "confidence") return {"confidence, points", signed_text(estimate, 1)};
  if (metric == "time") return {"logarithm of the reading time", signed_text(estimate, 3)};
  const MetricWords& words = metric_words(metric);
  return {words.name, change_text(words, estimate) + " " + words.short_unit};
}

std::string claim_row(const Json& claim, const std::string& role) {
  const ClaimWords words = claim_words(claim);
  const std::string aim = claim.at("aim");
  std::vector<Cell> cells{{role, ""}, {escape_markup(words.name), ""}, {aim == "two_sided" ? "two-sided" : aim == "noninferiority" ? "non-inferiority" : aim, ""}};
  if (claim.value("status", "") != "ok") {
    cells.push_back({escape_markup(claim.value("reason", "not estimable")), "ne", 3});
    return table_row(cells);
  }
  cells.push_back({escape_markup(words.change), "n"});
  const bool is_holm = claim.contains("p_adjusted");
  cells.push_back({escape_markup(p_text(claim.at(is_holm ? "p_adjusted" : "p").get<double>())) + (is_holm ? " (Holm)" : ""), "n"});
  const bool is_reached = claim.value("is_reached", true);
  cells.push_back({claim.at("met").get<bool>() ? "<b>met</b>" : is_reached ? "not met" : "not reached", "n"});
  return table_row(cells);
}

std::string claims_table(const ReportInput& input) {
  const Json* block = find_block(input.results, {"declared"});
  if (block == nullptr) return "";
  std::vector<std::string> rows{claim_row(block->at("primary"), "primary")};
  for (const Json& one : block->at("secondary")) {
    const std::string role = one.contains("order") ? fmt::format("sequence {}", one.at("order").get<int>()) : "Holm family";
    rows.push_back(claim_row(one, role));
  }
  return table("Claims as declared",
               {{"role", ""}, {"end point", ""}, {"claim", ""}, {"difference", "n"}, {"p", "n"}, {"", "n"}}, rows) +
         paragraph("note", escape_markup(capital(block->at("rule").get<std::string>())) +
                               ". All that is not in this table, or a subgroup named as declared, was not pre-specified.");
}

}  // namespace

std::string plan_section(const ReportInput& input) {
  const std::string left = claims_table(input), right = estimand_table(input);
  if (left.empty() && right.empty()) return "";
  return "<section><div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + "</div></div></section>\n";
}

std::string not_prespecified_heading(const ReportInput& input) {
  if (find_block(input.results, {"declared"}) == nullptr) return "";
  return "<section class=\"part\"><h2>Not pre-specified</h2>" +
         paragraph("note", "What follows describes: no claim of the protocol rests on it, and nothing is adjusted for how much is "
                           "shown. Where a declared end point is drawn again, its claim is the one in the table above.") +
         "</section>\n";
}

std::string checklists_section(const ReportInput& input) {
  std::string html = "<section class=\"counts\"><h2>Reporting checklists, as far as the record fills them</h2>" +
                     paragraph("note", "Topics in our own words; a journal's form has its own. \u25cf from the record, \u25d0 a part of it, "
                                       "\u25cb author to state.");
  for (const Checklist& list : checklists(input)) {
    std::vector<std::string> rows;
    for (const ChecklistItem& one : list.items) {
      const char* mark = one.filled == Filled::kRecord ? "\u25cf" : one.filled == Filled::kPart ? "\u25d0" : "\u25cb";
      rows.push_back(table_row({{std::string(mark) + " " + escape_markup(one.topic), ""},
                                {one.answer.empty() ? missing_text("author to state") : escape_markup(one.answer), "text"}}));
    }
    html += table(list.name, {}, rows);
  }
  return html + "</section>\n";
}

}  // namespace rationale::study
