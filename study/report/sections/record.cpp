// What the record says before any result: the design, who read, and where the study left its protocol.
#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

std::string design_table(const ReportFacts& facts) {
  std::vector<std::string> rows;
  for (const DesignLine& one : facts.design) rows.push_back(table_row({{escape_markup(one.what), ""}, {escape_markup(one.how), "text"}}));
  return rows.empty() ? "" : table("Design", {}, rows);
}

/// A column of what no reader has told is left out.
std::string readers_table(const ReportFacts& facts) {
  if (facts.readers.empty()) return "";
  const auto any = [&](auto has) { return std::ranges::any_of(facts.readers, has); };
  const bool has_site = any([](const RecordedReader& one) { return !one.site.empty(); });
  const bool has_group = any([](const RecordedReader& one) { return !one.group.empty(); });
  const bool has_years = any([](const RecordedReader& one) { return one.years > 0; });
  if (!has_site && !has_group && !has_years) {
    return "<h2>Readers</h2>" + paragraph("note", fmt::format("{} in the protocol; site, group and years of experience are not recorded.", capital(plain_readers(facts.readers.size()))));
  }
  std::vector<Cell> headings{{"reader", ""}};
  if (has_site) headings.push_back({"site", ""});
  if (has_group) headings.push_back({"group", ""});
  if (has_years) headings.push_back({"years", "n"});
  const auto cell = [](const std::string& text) { return text.empty() ? Cell{"not recorded", "ne"} : Cell{escape_markup(text), ""}; };
  std::vector<std::string> rows;
  for (const RecordedReader& one : facts.readers) {
    std::vector<Cell> cells{{escape_markup(one.id), ""}};
    if (has_site) cells.push_back(cell(one.site));
    if (has_group) cells.push_back(cell(one.group));
    if (has_years) cells.push_back(one.years > 0 ? Cell{fmt::format("{}", one.years), "n"} : Cell{"not recorded", "ne n"});
    rows.push_back(table_row(cells));
  }
  return table("Readers, as the protocol knows them", headings, rows);
}

std::string deviations_table(const ReportFacts& facts) {
  if (!facts.is_locked) return "";
  std::vector<std::string> rows;
  for (const Limit& one : facts.deviations) rows.push_back(table_row({{escape_markup(one.what), ""}, {escape_markup(one.why), "text"}}));
  if (rows.empty()) return "<h2>Deviations from the protocol</h2>" + paragraph("note", "No deviation is in the record.");
  return table("Deviations from the protocol", {{"who", ""}, {"what", ""}}, rows);
}

}  // namespace

std::string record_section(const ReportInput& input) {
  const std::string left = design_table(input.facts), right = readers_table(input.facts) + deviations_table(input.facts);
  if (left.empty() && right.empty()) return "";
  if (left.empty() || right.empty()) return "<section>" + left + right + "</section>\n";
  return "<div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + "</div></div>\n";
}

}  // namespace rationale::study
