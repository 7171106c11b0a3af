// One difference, four answers: what each analysis generalises to.
#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/intervals.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

struct Row {
  std::string analysis, scope;
  const PrintedEstimate* estimate;
};

/// One axis for all rows: every limit and zero, a little air, never beyond what a difference can
/// be.
Interval shared_axis(const std::vector<Row>& rows) {
  Interval axis{0, 0, 0};
  for (const Row& row : rows) {
    if (!row.estimate->is_estimable) continue;
    axis.lower = std::min({axis.lower, row.estimate->lower, *row.estimate->value});
    axis.upper = std::max({axis.upper, row.estimate->upper, *row.estimate->value});
  }
  const double air = std::max(0.08 * (axis.upper - axis.lower), 0.002);
  const double most = 1.05;
  axis.lower = std::max(axis.lower - air, -most);
  axis.upper = std::min(axis.upper + air, most);
  return axis;
}

std::string answer_row(const Row& row, const MetricWords& words, const MetricResult& metric,
                       const Interval& axis, bool is_lead) {
  const PrintedEstimate& estimate = *row.estimate;
  const auto value = estimate.value ? estimate.value : difference_of(metric);
  std::vector<Cell> cells{{row.analysis, ""}, {row.scope, ""}};
  if (value) cells.push_back({change_text(words, *value), "n"});
  if (!value || !estimate.is_estimable) {
    cells.push_back({"not estimable: " + escape_markup(estimate.reason), "ne", value ? 4 : 5});
    return table_row(cells, is_lead ? "lead" : "");
  }
  cells.push_back(
      {interval_text(estimate.lower, estimate.upper, words.factor, words.decimals), "n"});
  cells.push_back({svg(interval_row({*estimate.value, estimate.lower, estimate.upper}, axis.lower,
                                    axis.upper, is_lead)),
                   "mi"});
  cells.push_back({df_text(estimate.df), "n"});
  cells.push_back({escape_markup(p_text(estimate.p)), "n"});
  return table_row(cells, is_lead ? "lead" : "");
}

std::string randomisation_row(const ReportInput& input, const MetricResult& metric,
                              const MetricWords& words) {
  const RandomisationResult& test = input.randomisation;
  const auto value = difference_of(metric);
  std::vector<Cell> cells{{"Exact randomisation test", ""}};
  cells.push_back({(test.n_pairs > 0 ? fmt::format("these {} reading pairs only", test.n_pairs) : "these reading pairs only") +
                       (test.unit.empty() ? "" : ", drawn by " + escape_markup(test.unit)) + pair_words(input),
                   ""});
  if (value) cells.push_back({change_text(words, *value), "n"});
  if (!value || !test.p) {
    cells.push_back({"not estimable: " + escape_markup(test.p ? metric.why_not() : test.reason),
                     "ne", value ? 4 : 5});
  } else {
    cells.push_back({"no interval: tests the sharp null, does not estimate", "ne", 2});
    cells.push_back({"none", "ne n"});
    cells.push_back({escape_markup(p_text(*test.p)), "n"});
  }
  return table_row(cells);
}

}  // namespace

std::string answers_section(const ReportInput& input) {
  if (!input.has_two_arms) return "";
  const std::string& primary = input.facts.primary;
  const bool is_metric = primary == "auc" || primary == "sensitivity" || primary == "specificity";  // not confidence, time
  const std::string id = is_metric ? primary : "fpr";
  const MetricWords& words = metric_words(id);
  const MetricResult& metric = metric_of(input, id);
  const std::size_t n = input.readers.size();
  const std::string cases = escape_markup(input.facts.case_many);
  const std::size_t n_cases = id == "auc"           ? input.n_normal + input.n_diseased
                              : id == "sensitivity" ? input.n_diseased
                                                    : input.n_normal;
  const std::string fixed = n == 1 ? "this reader" : fmt::format("these {} readers", n);
  std::vector<Row> rows{
      {"Readers and cases random (RRRC)", "readers like these, " + cases + " like these",
       &metric.rrrc},
      {"Readers fixed, cases random (FRRC)", fixed + ", " + cases + " like these", &metric.frrc},
      {"Readers random, cases fixed (RRFC)",
       fmt::format("readers like these, these {} {}", n_cases, cases), &metric.rrfc}};
  const bool is_planned = id == primary && !metric.plan.small_sample.empty();
  if (is_planned) {
    const std::string which = metric.plan.small_sample == "permutation" ? "these " + cases : cases + " like these";
    rows.insert(rows.begin(), Row{capital(few_words(metric.plan.small_sample)) + (metric.few_origin.empty() ? "" : ": " + metric.few_origin), "readers like these, " + which, &metric.few});
  }
  const std::size_t lead = id == primary && metric.plan.has_fixed_readers ? 1 : 0;
  const Interval axis = shared_axis(rows);
  std::vector<std::string> html;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    html.push_back(answer_row(rows[i], words, metric, axis, i == lead));
  }
  if (id == "fpr") html.push_back(randomisation_row(input, metric, words));
  const std::string unit = words.unit.empty() ? "" : ", pp";
  return "<section>" +
         table((id == primary ? "One difference" : capital(words.name) + ", one difference") + ", " + number_word(html.size()) +
                   " answers: what each generalises to",
               {{"Analysis", ""},
                {"generalises to", ""},
                {"difference" + unit, "n"},
                {"95\u00a0% interval" + unit, "n"},
                {"upright: no change", ""},
                {"df", "n"},
                {"p, two-sided", "n"}},
               html) +
         paragraph("note", answers_note(input, id)) + "</section>\n" + all_arms_section(input);
}

}  // namespace rationale::study
