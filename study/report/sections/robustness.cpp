// What could have moved the result: subgroups, order of reading, readings not finished, following a wrong AI.
#include <fmt/format.h>

#include <cmath>

#include "data/page/html.h"
#include "data/plot/intervals.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/sections/forest_scale.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

/// How the difference of a metric is said in the forest of the parts.
struct PartWords {
  std::string title, unit;
  ForestScale scale;
  double most;  ///< beyond it an interval ends in an arrow head
};

PartWords part_words(const std::string& metric) {
  if (metric == "auc") return {"area under the curve \u00d7 100", "", as_percent, 100};
  if (metric == "confidence") return {"confidence, points of 100", " points", as_is, 100};
  if (metric == "time") return {"reading time, % of the first arm\u2019s", " %", as_relative_percent, 300};
  return {metric_words(metric).name + ", percentage points", " pp", as_percent, 100};
}

bool has_declared_subgroups(const ReportInput& input) {
  const Json* all = find_block(input.results, {"subgroups"});
  if (all == nullptr || all->empty()) return false;
  for (const auto& [id, block] : all->items()) {
    if (!block.value("is_declared", false)) return false;
  }
  return true;
}

std::string subgroup_forest(const ReportInput& input) {
  const Json* all = find_block(input.results, {"subgroups"});
  if (all == nullptr || all->empty()) return "";
  Forest forest;
  forest.id = "subgroups";
  forest.title = "The difference in parts of the cases";
  forest.less = forest.less_short = "\u2190 less";
  forest.more = forest.more_short = "more \u2192";
  std::string notes;
  for (const auto& [id, block] : all->items()) {
    if (!block.contains("levels")) {
      notes += paragraph("note", escape_markup(capital(id)) + ": " + missing_text(block.value("reason", "no levels")));
      continue;
    }
    const PartWords words = part_words(block.at("metric"));
    ForestGroup group{fmt::format("{}: {}", id, words.title), {}, words.most};
    for (const auto& [level, one] : block.at("levels").items()) {
      ForestRow row;
      row.name = fmt::format("{} ({})", level, one.at("n_cases").get<int>());
      const Json* over_readers = find_block(one, {"paired_t_over_readers"});  // confidence and time
      const PrintedEstimate random = estimate_of(over_readers != nullptr ? over_readers : find_block(one, {"RRRC"}));
      const PrintedEstimate fixed = estimate_of(find_block(one, {"FRRC"}));
      row.thick = interval_of(random, words.scale);
      row.thick_columns = columns_of(random, words.scale);
      if (!row.thick) row.thick_words = "not estimable: " + (one.contains("reason") ? one.at("reason").get<std::string>() : short_reason(random));
      row.thin = interval_of(fixed, words.scale);
      row.thin_columns = columns_of(fixed, words.scale);
      forest.description += fmt::format("{}{} {}: {}", forest.description.empty() ? "" : "; ", id, row.name,
                                        random.is_estimable ? row.thick_columns.difference + ", " + row.thick_columns.interval : row.thick_words);
      const PrintedEstimate against = estimate_of(find_block(one, {"interaction"}));
      if (against.is_estimable) {
        const ForestColumns columns = columns_of(against, words.scale);
        notes += paragraph("note", fmt::format("{} {} against all other cases: {}{} ({}), p {}", escape_markup(id), escape_markup(level),
                                               columns.difference, words.unit, columns.interval, escape_markup(columns.p)));
      }
      group.rows.push_back(std::move(row));
    }
    if (!group.rows.empty()) forest.groups.push_back(std::move(group));
  }
  if (forest.groups.empty()) return notes.empty() ? "" : "<section><h2>Subgroups</h2>" + notes + "</section>\n";
  return "<div class=\"row c3\">" +
         figure((has_declared_subgroups(input) ? "Subgroups, as declared" : "Parts of the cases: not pre-specified") + pair_words(input), {}, svg(forest_plot(forest))) +
         "<div class=\"side\">" + notes +
         paragraph("note", "In brackets: cases that count. Thick: readers and cases random (confidence and time: readers random); "
                           "thin: these readers. No adjustment for the number of parts; a part's own interval says nothing about a difference between parts.") +
         "</div></div>\n";
}

std::string difference_row(const std::string& name, const Json* block) {
  const PrintedEstimate e = estimate_of(block);
  if (e.code == "not_reported") return "";
  if (!e.is_estimable) return table_row({{name, ""}, {escape_markup(e.reason), "ne", 3}});
  return table_row({{name, ""}, {signed_text(100 * *e.value, 1) + " pp", "n"}, {interval_text(e.lower, e.upper, 100, 1), "n"},
                    {escape_markup(p_text(e.p)), "n"}});
}

std::string order_table(const ReportInput& input) {
  if (find_block(input.results, {"order_effects"}) == nullptr) return "";
  std::vector<std::string> rows;
  for (const char* metric : {"fpr", "sensitivity"}) {
    const std::string name = capital(metric_words(metric).name);
    for (const std::string& row : {difference_row(name + ", period 2 \u2212 1", find_block(input.results, {"order_effects", metric, "period", "RRRC"})),
                                   difference_row(name + ", after a reading with the second arm", find_block(input.results, {"order_effects", metric, "carry_over"})),
                                   difference_row(name + ", per day since last seen", find_block(input.results, {"order_effects", metric, "days_since_last"}))}) {
      if (!row.empty()) rows.push_back(row);
    }
    if (const Json* period = find_block(input.results, {"order_effects", metric, "period"})) {
      for (const auto& [which, one] : period->items()) {  // of a longer crossover: each against the first
        if (which.starts_with("period")) rows.push_back(difference_row(fmt::format("{}, {} against the first", name, escape_markup(which)), &one));
      }
    }
  }
  std::string note = "Period: readers and cases random. Carry-over and days: estimating equations, these readers.";
  if (const Json* days = find_block(input.results, {"order_effects", "days_since_last"}); days != nullptr && days->value("status", "") == "ok") {
    note += fmt::format(" Days since the same reader saw the same case: {:.1f} to {:.1f}, median {:.1f}.", days->at("min").get<double>(),
                        days->at("max").get<double>(), days->at("median").get<double>());
  }
  if (rows.empty()) return "";
  return table("Does it matter when a case was read?" + pair_words(input), {{"", ""}, {"difference", "n"}, {"95\u00a0% interval", "n"}, {"p", "n"}}, rows) +
         paragraph("note", note);
}

std::string tipping_sentence(const std::string& name, const Json* tip) {
  if (tip == nullptr) return "";
  if (!tip->at("tips").get<bool>()) return name + ": turning the missing calls from best to worst never changes the side of alpha.";
  std::string shares;
  for (const auto& [key, arm] : {std::pair{"first_arm_rate", "first"}, {"second_arm_rate", "second"}}) {
    if (const auto share = number_at(tip, key)) shares += fmt::format("{}{} of the {} arm\u2019s", shares.empty() ? "" : ", ", percent_text(*share), arm);
  }
  return fmt::format("{}: from the best case, the conclusion tips when {} of {} missing calls have turned against the second arm (positive then: {}).", name,
                     static_cast<int>(number_at(tip, "n_turned").value_or(0)), static_cast<int>(number_at(tip, "of").value_or(0)), shares);
}

std::string missing_table(const ReportInput& input) {
  const Json* block = find_block(input.results, {"missing"});
  if (block == nullptr) return "";
  const auto n = number_at(block, "n");
  const std::string not_in_file =
      input.n_not_in_file == 0 ? "" : fmt::format(" {} of a fully crossed study are not in the file: not planned, or lost.", input.n_not_in_file);
  if (!n || *n == 0) return "<h2>Readings that are missing</h2>" + paragraph("note", "No reading in this file lacks a rating." + not_in_file);
  std::vector<std::string> rows;
  std::string notes;
  for (const char* metric : {"fpr", "sensitivity"}) {
    const std::string name = capital(metric_words(metric).name);
    for (const auto& [which, words] : {std::pair{"best", ", best case"}, std::pair{"worst", ", worst case"}}) {
      const std::string row = difference_row(name + words, find_block(*block, {metric, "bounds", which}));
      if (!row.empty()) rows.push_back(row);
    }
    notes += paragraph("note", tipping_sentence(name, find_block(*block, {metric, "tipping_point"})));
    if (const Json* own = find_block(*block, {metric}); own != nullptr && own->contains("reason")) {
      notes += paragraph("note", name + ": " + missing_text("not estimable: " + own->at("reason").get<std::string>()));
    }
  }
  if (const auto absent = number_at(block, "absent_rows"); absent && *absent > 0) {
    notes += paragraph("note", fmt::format("{} of them have no row: the same reader read the case in the other arm.", static_cast<int>(*absent)));
  }
  const std::string caption = fmt::format("{} readings are missing: what they could have changed", static_cast<int>(*n));
  notes += paragraph("note", not_in_file);
  if (rows.empty()) return "<h2>" + caption + "</h2>" + notes;
  return table(caption, {{"missing calls for or against the second arm", ""}, {"difference", "n"}, {"95\u00a0% interval", "n"}, {"p", "n"}}, rows) + notes;
}

/// The true explanation beside a sham one.
std::string sham_table(const ReportInput& input) {
  const Json* all = find_block(input.results, {"sham"});
  if (all == nullptr || all->empty()) return "";
  std::vector<std::string> rows;
  for (const auto& [sham, pairs] : all->items()) {
    for (const auto& [pair, block] : pairs.items()) {
      for (const char* metric : {"fpr", "sensitivity"}) {
        rows.push_back(difference_row(escape_markup(pair) + ", " + metric_words(metric).name, find_block(block, {metric, "RRRC"})));
      }
    }
  }
  return table("True against sham explanation", {{"readers and cases random", ""}, {"difference", "n"}, {"95\u00a0% interval", "n"}, {"p", "n"}}, rows) +
         paragraph("note", "An effect that the sham has too is an effect of the display, not of what it explains.");
}

std::string rate_row(const std::string& name, const Json* rate) {
  if (rate == nullptr) return "";
  if (rate->value("status", "") != "ok") return table_row({{name, ""}, {escape_markup(rate->value("reason", "")), "ne", 3}});
  return table_row({{name, ""}, {fmt::format("{} of {}", rate->at("n").get<int>(), rate->at("of").get<int>()), "n"},
                    {percent_text(rate->at("rate").get<double>()), "n"},
                    {fmt::format("{} to {}", percent_text(rate->at("lower").get<double>()), percent_text(rate->at("upper").get<double>())), "n"}});
}

std::string warning_notes(const Json& block) {
  std::string html;
  for (const Json& one : block.at("reasons")) {
    html += paragraph("note", "<span class=\"flag\">Warning: " + escape_markup(one.at("text").get<std::string>()) + "</span> (" +
                                  signed_text(100 * one.at("difference").get<double>(), 1) + " pp, " +
                                  (one.at("interval_leaves_out_0").get<bool>() ? "the interval of these readers leaves out 0" : "the interval of these readers holds 0") + ").");
  }
  return html;
}

/// "6 of 23, 26.1 % (12.5 to 46.5 %)".
Cell reader_rate(const Json& readers, const char* kind) {
  const Json* rate = find_block(readers, {kind});
  if (rate == nullptr || rate->value("status", "") != "ok") return {rate == nullptr ? "not in results.json" : escape_markup(rate->value("reason", "no such pair")), "ne n"};
  return {fmt::format("{} of {}, {} ({} to {})", rate->at("n").get<int>(), rate->at("of").get<int>(), percent_text(rate->at("rate").get<double>()),
                      percent_text(rate->at("lower").get<double>()), percent_text(rate->at("upper").get<double>())),
          "n"};
}

/// Errors of commission and omission of each reader.
std::string followers_table(const ReportInput& input, const Json& block) {
  const Json* readers = find_block(block, {"readers"});
  if (readers == nullptr || !readers->is_object()) return "";
  std::vector<std::string> rows;
  for (const auto& [reader, own] : readers->items()) {
    rows.push_back(table_row({{escape_markup(reader), ""}, reader_rate(own, "commission"), reader_rate(own, "omission")}));
  }
  if (rows.empty()) return "";
  return table("Following a wrong AI, by reader" + pair_words(input), {{"reader", ""}, {"commission", "n"}, {"omission", "n"}}, rows) +
         paragraph("note", "In brackets: 95\u00a0% interval, that reader and " + escape_markup(input.facts.case_many) + " like these.");
}

std::string bias_table(const ReportInput& input) {
  const Json* block = find_block(input.results, {"automation_bias"});
  if (block == nullptr) return "";
  const std::string warnings = warning_notes(*block);
  if (find_block(input.results, {"switch"}) == nullptr) return warnings.empty() ? "" : "<h2>Fewer calls, or fewer findings?</h2>" + warnings;
  std::vector<std::string> rows;
  const auto rate = [&](const char* kind) { return find_block(input.results, {"switch", "all", "rates", kind}); };
  for (const std::string& row : {rate_row("Commission: AI wrong on a normal case, followed", find_block(*block, {"commission"})),
                                 rate_row("Omission: AI wrong on a diseased case, followed", find_block(*block, {"omission"})),
                                 rate_row("AI right, reader corrected", rate("beneficial")),
                                 rate_row("AI right, reader left the right call", rate("away_from_right_ai")),
                                 rate_row("AI wrong, reader corrected all the same", rate("away_from_wrong_ai"))}) {
    if (!row.empty()) rows.push_back(row);
  }
  std::string html = table("Switches, with intervals for readers and cases" + pair_words(input), {{"", ""}, {"switches", "n"}, {"rate", "n"}, {"95\u00a0% interval", "n"}}, rows) +
                     paragraph("note", "Switches away from the AI show how much two readings of a case differ anyway.");
  html += followers_table(input, *block) + warnings;
  const Json* use = find_block(*block, {"heatmap_use", "readers"});
  if (use == nullptr) return html;
  std::vector<std::string> use_rows;
  for (const auto& [reader, own] : use->items()) {
    use_rows.push_back(table_row({{escape_markup(reader), ""}, {percent_text(own.at("share_with_heatmap_on").get<double>()), "n"},
                                  {fixed_text(own.at("mean_on_s").get<double>(), 1), "n"}, {fixed_text(own.at("mean_toggles").get<double>(), 2), "n"}}));
  }
  return html + table("Use of the heatmap", {{"reader", ""}, {"readings with it on", "n"}, {"seconds on, mean", "n"}, {"switches, mean", "n"}}, use_rows);
}

}  // namespace

std::string declared_subgroups_section(const ReportInput& input) {
  return input.has_two_arms && has_declared_subgroups(input) ? subgroup_forest(input) : "";
}

std::string robustness_section(const ReportInput& input) {
  if (!input.has_two_arms) return "";
  const std::string left = bias_table(input) + sham_table(input), right = order_table(input) + missing_table(input);
  std::string html = has_declared_subgroups(input) ? "" : subgroup_forest(input);
  if (!left.empty() && !right.empty()) return html + "<div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + "</div></div>\n";
  return html + (left.empty() && right.empty() ? "" : "<section>" + left + right + "</section>\n");
}

}  // namespace rationale::study
