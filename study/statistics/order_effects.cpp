#include "study/statistics/order_effects.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <set>
#include <tuple>

#include "study/statistics/gee.h"
#include "study/statistics/metric_block.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

Json verdict(const char* code, const char* reason) { return to_json(NotEstimable{code, reason, {}, {}}); }

/// Whether each reader read each case at most once in a period, and both periods hold both arms.
std::optional<NotEstimable> no_period(const StudyReadings& s) {
  std::set<std::tuple<int, bool, int, int>> seen;
  std::set<std::pair<int, int>> cells;
  for (const ReadingRecord& one : s.records) {
    if (!one.period) continue;
    cells.insert({*one.period, one.arm});
    if (!seen.insert({one.reader, one.is_diseased, one.case_index, *one.period}).second) {
      return NotEstimable{"not_a_crossover", "a reader read a case twice in one period", {}, {}};
    }
  }
  if (cells.empty()) return NotEstimable{"no_column", "the file has no periods", {}, {}};
  for (const int period : {1, 2}) {
    for (const int arm : {0, 1}) {
      if (!cells.contains({period, arm})) {
        return NotEstimable{"confounded", "a period holds one arm only: period and arm cannot be told apart", {}, {}};
      }
    }
  }
  return std::nullopt;
}

/// Smallest, middle and largest; and between which two the middle nine tenths lie.
struct Spread {
  double min = 0, median = 0, max = 0, lower = 0, upper = 0;
};

Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size(), tail = n / 20;
  return {values.front(), (values[(n - 1) / 2] + values[n / 2]) / 2, values.back(), values[tail], values[n - 1 - tail]};
}

/// Why days cannot carry a slope per day: beside the other columns, nine tenths of them lie within one day of each other.
/// What is left then are hours of the clock, or a few readings far off.
std::optional<NotEstimable> no_spread_of_days(const MixedData& data) {
  const auto place = std::ranges::find(data.names, "days_since_last") - data.names.begin();
  const Eigen::VectorXd days = data.x.col(place);
  Eigen::MatrixXd others = data.x;
  others.col(place) = others.rightCols(1);
  others.conservativeResize(Eigen::NoChange, others.cols() - 1);
  const Eigen::VectorXd left = days - others * others.colPivHouseholderQr().solve(days);
  const Spread spread = spread_of({left.begin(), left.end()}), all = spread_of({days.begin(), days.end()});
  if (spread.upper - spread.lower >= 1) return std::nullopt;
  return NotEstimable{"too_little_spread",
                      fmt::format("nine tenths of the intervals lie within {:.2f} days of each other, beside arm and readers (all: {:.2f} "
                                  "to {:.2f} days, median {:.2f}): a slope per day needs a spread of a day",
                                  spread.upper - spread.lower, all.min, all.max, all.median),
                      {}, {}};
}

/// The coefficients that begin with `name`, of a linear model of calls.
Json terms_json(const StudyReadings& s, bool is_diseased, const FixedTerms& terms, const std::string& name) {
  const auto data = mixed_data(s, OutcomeValue::kPositive, is_diseased ? CaseSet::kDiseased : CaseSet::kNormal, terms);
  if (const auto* why = std::get_if<NotEstimable>(&data)) return to_json(*why);
  const auto& rows = std::get<MixedData>(data);
  if (terms.days_since_last) {
    if (const auto why = no_spread_of_days(rows)) return to_json(*why);
  }
  const auto fit = gee(rows, Family::kGaussian, WorkingCorrelation::kIndependence);
  if (const auto* why = std::get_if<NotEstimable>(&fit)) return to_json(*why);
  Json json = Json::object();
  for (const Coefficient& one : std::get<Gee>(fit).coefficients) {
    if (!one.name.starts_with(name)) continue;
    Json& row = json[one.name] = to_json(one.outcome);
    row["n_readings"] = rows.y.size();
    row["formula"] = rows.fixed;
  }
  return json.empty() ? verdict("rank_deficient", "the readings do not tell it apart from the arms") : json;
}

/// Of a single one.
Json term_json(const StudyReadings& s, bool is_diseased, const FixedTerms& terms, const std::string& name) {
  const Json json = terms_json(s, is_diseased, terms, name);
  return json.contains("status") ? json : json.begin().value();
}

Json period_json(const StudyReadings& s, bool is_diseased) {
  std::set<int> periods;
  for (const ReadingRecord& one : s.records) {
    if (one.period) periods.insert(*one.period);
  }
  // Two arms of a longer crossover: no case was read in all periods, so they are compared by a model.
  if (periods.size() > 2) return terms_json(s, is_diseased, {.readers = true}, "period");
  if (const auto why = no_period(s)) return to_json(*why);
  const StudyReadings halves = s.by_period();
  const Merits m = rate_merits(halves, halves.decisions(is_diseased), is_diseased ? "diseased" : "normal");
  return {{"RRRC", to_json(difference_rrrc(m))}, {"FRRC", to_json(difference_frrc(m))}};
}

Json days_json(const StudyReadings& s) {
  std::vector<double> days;
  for (const ReadingRecord& one : s.records) {
    if (one.days_since_last) days.push_back(*one.days_since_last);
  }
  if (days.empty()) return verdict("no_column", "the file does not say when a case was seen before (column days_since_last)");
  const Spread spread = spread_of(days);
  return {{"status", "ok"}, {"n", days.size()}, {"min", spread.min}, {"median", spread.median}, {"max", spread.max}};
}

}  // namespace

Json order_effects_json(const StudyReadings& s) {
  if (s.arms.size() != 2) return verdict("one_arm", "the effects of order are shown for two arms");
  if (!s.has_decisions) return verdict("no_threshold", "what counts as positive is not said");
  Json json = Json::object();
  for (const bool is_diseased : {false, true}) {
    Json& block = json[is_diseased ? "sensitivity" : "fpr"];
    block["period"] = period_json(s, is_diseased);
    block["carry_over"] = term_json(s, is_diseased, {.readers = true, .previous_arm = true}, "previous");
    block["days_since_last"] = term_json(s, is_diseased, {.period = false, .readers = true, .days_since_last = true}, "days_since_last");
  }
  json["days_since_last"] = days_json(s);
  json["note"] = "describes: a period effect does not bias a balanced crossover, a carry-over effect can";
  return json;
}

}  // namespace rationale::study
