// More than two arms: whether they differ at all, and every pair by the same analysis.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

/// The Obuchowski-Rockette analysis of all arms together.
const Json* over_all(const ReportInput& input, const std::string& metric) {
  const Json* block = find_block(input.all_arms, {metric});
  if (block == nullptr) return nullptr;
  for (const auto& place : {find_block(*block, {"OR_unbiased"}), find_block(*block, {"OR", "unbiased"}), find_block(*block, {"OR_nested"})}) {
    if (place != nullptr) return place;
  }
  return nullptr;
}

std::string omnibus_row(const std::string& name, const std::string& scope, const Json* test) {
  if (test == nullptr) return "";
  const auto f = number_at(test, "F"), chi2 = number_at(test, "chi2"), p = number_at(test, "p");
  const auto df1 = number_at(test, chi2 ? "df" : "df1");
  std::vector<Cell> cells{{name, ""}, {scope, ""}};
  if ((!f && !chi2) || !df1 || !p) {
    cells.push_back({"not estimable: " + escape_markup(test->value("reason", "no test in results.json")), "ne", 4});
    return table_row(cells);
  }
  cells.push_back({chi2 ? "\u03c7\u00b2 = " + fixed_text(*chi2, 2) : "F = " + fixed_text(*f, 2), "n"});
  cells.push_back({fixed_text(*df1, 0), "n"});
  cells.push_back({chi2 ? "" : df_text(number_at(test, "df2")), "n"});
  cells.push_back({escape_markup(p_text(*p)), "n"});
  return table_row(cells);
}

std::string omnibus_table(const ReportInput& input) {
  const std::string cases = escape_markup(input.facts.case_many);
  const std::string fixed = fmt::format("these {} readers, {} like these", input.readers.size(), cases);
  std::vector<std::string> rows;
  for (const char* id : {"fpr", "sensitivity", "auc"}) {
    const Json* block = over_all(input, id);
    if (block == nullptr) continue;
    const std::string name = capital(metric_words(id).name);
    for (const std::string& row : {omnibus_row(name, "readers like these, " + cases + " like these", find_block(*block, {"RRRC"})),
                                   omnibus_row(name, fixed, find_block(*block, {"FRRC"}))}) {
      if (!row.empty()) rows.push_back(row);
    }
  }
  if (rows.empty()) return "";
  const auto n_arms = number_at(&input.all_arms, "n_arms");
  return table(fmt::format("Do the {} arms differ at all?", n_arms ? number_word(static_cast<std::size_t>(*n_arms)) : "compared"),
               {{"", ""}, {"generalises to", ""}, {"statistic", "n"}, {"df 1", "n"}, {"df 2", "n"}, {"p", "n"}}, rows) +
         paragraph("note", "All arms alike, against at least one that differs (Obuchowski and Rockette; df: Hillis). It does not say which.");
}

std::string pairs_table(const ReportInput& input) {
  std::vector<std::string> rows;
  for (const char* id : {"fpr", "sensitivity", "auc"}) {
    const auto* pairs = find_block(input.all_arms, {id, "pairs"});
    if (pairs == nullptr) continue;
    const MetricWords& words = metric_words(id);
    for (const auto& [pair, block] : pairs->items()) {
      const PrintedEstimate estimate = estimate_of(find_block(block, {"RRRC"}));
      std::vector<Cell> cells{{escape_markup(pair), ""}, {words.name + (words.unit.empty() ? "" : ", pp"), ""}};
      if (estimate.is_estimable) {
        cells.push_back({change_text(words, *estimate.value), "n"});
        cells.push_back({interval_text(estimate.lower, estimate.upper, words.factor, words.decimals), "n"});
        cells.push_back({df_text(estimate.df), "n"});
        cells.push_back({escape_markup(p_text(estimate.p)), "n"});
      } else {
        cells.push_back({"not estimable: " + escape_markup(estimate.reason), "ne", 4});
      }
      rows.push_back(table_row(cells));
    }
  }
  if (rows.empty()) return "";
  return table("Every pair of arms, readers and cases random",
               {{"pair", ""}, {"", ""}, {"difference", "n"}, {"95\u00a0% interval", "n"}, {"df", "n"}, {"p", "n"}}, rows) +
         paragraph("note", "Each pair by its own two arms; no adjustment for the number of pairs. All else on this page, models, randomisation and "
                           "switches too, is about one pair: " + escape_markup(input.facts.treated.label) + " \u2212 " + escape_markup(input.facts.control.label) + ".");
}

}  // namespace

std::string all_arms_section(const ReportInput& input) {
  if (input.all_arms.is_null()) return "";
  const std::string left = omnibus_table(input), right = pairs_table(input);
  if (left.empty() && right.empty()) return "";
  return "<div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + "</div></div>\n";
}

}  // namespace rationale::study
