#include "study/report/fill_readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "data/base/text.h"
#include "data/plot/number_text.h"
#include "data/plot/roc.h"
#include "study/report/fill_results.h"

namespace rationale::study {

namespace {

/// As the statistics take it: any way to write the number 0 or 1.
std::optional<bool> yes_or_no(const std::string& cell) {
  const auto number = parse_number(cell);
  if (!number || (*number != 0 && *number != 1)) return std::nullopt;
  return *number == 1;
}

int arm_index(const ReportFacts& facts, const std::string& arm) {
  if (arm == facts.control.id) return 0;
  if (arm == facts.treated.id) return 1;
  return -1;
}

std::string count_text(std::size_t n, const std::string& one, const std::string& many) {
  return fmt::format("{}\u00a0{}", n, n == 1 ? one : many);
}

using ArmCounts = std::map<std::string, std::size_t>;

/// "hidden 300 \u00b7 visible 298": the arms that are compared, control first, then others.
std::string arm_text(const ReportFacts& facts, ArmCounts counts) {
  std::string text;
  const auto add = [&](const std::string& label, std::size_t n) { text += fmt::format("{}{} {}", text.empty() ? "" : " \u00b7 ", label, n); };
  for (const ReportArm* arm : {&facts.control, &facts.treated}) {
    const auto found = counts.find(arm->id);
    if (found == counts.end()) continue;
    add(arm->label, found->second);
    counts.erase(found);
  }
  for (const auto& [arm, n] : counts) add(arm, n);
  return text;
}

}  // namespace

ReadingTable reading_table(const CsvTable& csv, std::optional<double> positive_at, const std::string& calls_without_rating) {
  const std::size_t reader = csv.need("reader"), case_id = csv.need("case"), arm = csv.need("arm"),
                    truth = csv.need("truth"), rating = csv.need("rating");
  const auto positive = csv.find("positive"), confidence = csv.find("confidence"),
             time_s = csv.find("time_s"), period = csv.find("period"), ai = csv.find("ai_positive"),
             not_assessable = csv.find("not_assessable");
  ReadingTable table;
  for (const CsvRow& line : csv.rows) {
    ReadingRow row;
    row.reader = line.cells[reader];
    row.case_id = line.cells[case_id];
    row.arm = line.cells[arm];
    row.truth = line.cells[truth] == "1" ? 1 : 0;
    row.rating = parse_number(line.cells[rating]);
    if (positive) row.is_positive = yes_or_no(line.cells[*positive]);
    if (!positive && positive_at && row.rating) row.is_positive = *row.rating >= *positive_at;
    const bool counts_by_call = row.is_positive && calls_without_rating.find(*row.is_positive ? "positive" : "negative") != std::string::npos;
    row.is_read = row.rating || counts_by_call;
    if (confidence) row.confidence = parse_number(line.cells[*confidence]);
    if (time_s) row.time_s = parse_number(line.cells[*time_s]);
    if (period) row.period = line.cells[*period];
    if (not_assessable) row.is_not_assessable = yes_or_no(line.cells[*not_assessable]).value_or(false);
    if (ai) row.is_ai_positive = yes_or_no(line.cells[*ai]);
    table.has_confidence = table.has_confidence || row.confidence.has_value();
    table.has_time = table.has_time || row.time_s.has_value();
    table.has_ai = table.has_ai || row.is_ai_positive.has_value();
    table.rows.push_back(std::move(row));
  }
  return table;
}

bool is_compared(const ReportFacts& facts, const std::string& arm) { return arm_index(facts, arm) >= 0; }

namespace {

void fill_counts(const ReadingTable& table, ReportInput& input) {
  std::map<std::string, int> cases;
  std::set<std::string> arms;
  std::set<std::string> readers[2];  // of each arm
  std::size_t n_rows = 0;
  for (const ReadingRow& row : table.rows) {
    if (!is_compared(input.facts, row.arm)) continue;
    ++n_rows;
    readers[arm_index(input.facts, row.arm)].insert(row.reader);
    cases[row.case_id] = row.truth;
    arms.insert(row.arm);
    ++(row.is_read ? input.n_readings : input.n_missing);
  }
  for (const auto& [id, truth] : cases) ++(truth == 1 ? input.n_diseased : input.n_normal);
  input.n_readers_control = readers[0].size();
  input.n_readers_treated = readers[1].size();
  input.is_nested = input.has_two_arms && std::ranges::none_of(readers[0], [&](const std::string& one) { return readers[1].contains(one); });
  const std::size_t possible = cases.size() * input.readers.size() * (input.is_nested ? 1 : arms.size());
  input.n_not_in_file = possible - std::min(possible, n_rows);
  input.is_fully_crossed = input.n_not_in_file == 0 && input.n_missing == 0;
}

}  // namespace

void fill_flow(const ReadingTable& table, ReportInput& input) {
  fill_counts(table, input);
  if (!input.facts.flow.empty()) return;
  std::map<std::string, int> cases;
  std::set<std::string> arms, readers;
  std::map<std::string, ArmCounts> periods;
  ArmCounts rated;
  std::size_t n_missing = 0, n_not_assessable = 0;
  for (const ReadingRow& row : table.rows) {
    cases[row.case_id] = row.truth;
    arms.insert(row.arm);
    readers.insert(row.reader);
    ++periods[row.period][row.arm];
    if (row.is_read) {
      ++rated[row.arm];
    } else {
      ++n_missing;
      n_not_assessable += row.is_not_assessable ? 1 : 0;
    }
  }
  const auto n_diseased = static_cast<std::size_t>(std::ranges::count_if(cases, [](const auto& one) { return one.second == 1; }));
  const std::size_t planned = cases.size() * readers.size() * (input.is_nested ? 1 : arms.size());
  const ReportFacts& facts = input.facts;
  FlowStage in_file{"In the file", table.rows.size(), {}, {}}, analysed{"Analysed", table.rows.size() - n_missing, {}, {}};
  if (planned > table.rows.size()) in_file.losses.push_back({planned - table.rows.size(), "not in the file: not planned, or lost"});
  for (const auto& [period, n] : periods) {
    if (!period.empty()) in_file.lines.push_back(fmt::format("period {}: {}", period, arm_text(facts, n)));
  }
  if (n_not_assessable > 0) analysed.losses.push_back({n_not_assessable, "not assessable, the reader said"});
  if (n_missing > n_not_assessable) analysed.losses.push_back({n_missing - n_not_assessable, "no rating"});
  analysed.lines = {arm_text(facts, rated), n_missing == 0 ? "all with a rating" : fmt::format("{} without a rating", n_missing)};
  const bool is_whole = planned == table.rows.size();
  FlowStage enrolled{"Enrolled", {}, {count_text(readers.size(), "reader", "readers"),
                                      fmt::format("{}: {} normal \u00b7 {} diseased", count_text(cases.size(), facts.case_one, facts.case_many),
                                                  cases.size() - n_diseased, n_diseased)}, {}};
  FlowStage possible{"Possible", planned, {fmt::format("{}every {} to every reader in {}", is_whole ? "" : "if read: ", facts.case_one, input.is_nested ? "the reader\u2019s arm" : "every arm")}, {}};
  input.facts.flow = {std::move(enrolled), std::move(possible), std::move(in_file), std::move(analysed)};
}

namespace {

/// Bins of 10 for signed confidence of -100 to 100; one bin a value for few values; else twenty
/// bins.
void fill_histogram(const ReadingTable& table, ReportInput& input) {
  std::set<double> values;
  for (const ReadingRow& row : table.rows) {
    if (row.rating) values.insert(*row.rating);
  }
  if (values.empty()) return;
  const double lower = *values.begin(), upper = *values.rbegin();
  if (!std::isfinite(upper - lower)) return;  // no bins between the ends of double precision
  Histogram& histogram = input.histogram;
  histogram.is_signed = lower < 0 && lower >= -100 && upper <= 100;
  if (histogram.is_signed) {
    for (int edge = -100; edge <= 100; edge += 10) histogram.edges.push_back(edge);
  } else if (values.size() <= 12 && upper - lower <= 12 &&
             std::all_of(values.begin(), values.end(),
                         [](double value) { return value == std::round(value); })) {
    for (int k = 0; k <= static_cast<int>(upper - lower) + 1; ++k) histogram.edges.push_back(lower - 0.5 + k);
  } else {
    const double width = std::max(upper - lower, 1e-9) / 20;
    for (int k = 0; k <= 20; ++k) histogram.edges.push_back(lower + k * width);
  }
  if (std::ranges::adjacent_find(histogram.edges, std::greater_equal<>{}) != histogram.edges.end()) {
    histogram.edges.clear();  // so large that the step is lost: nothing to draw
    return;
  }
  const std::size_t n_bins = histogram.edges.size() - 1;
  for (auto* side : {&histogram.normal, &histogram.diseased}) {
    for (auto& bins : *side) bins.assign(n_bins, 0);
  }
  for (const ReadingRow& row : table.rows) {
    const int arm = arm_index(input.facts, row.arm);
    if (!row.rating || arm < 0) continue;
    const auto above =
        std::upper_bound(histogram.edges.begin(), histogram.edges.end(), *row.rating);
    std::size_t bin = above == histogram.edges.begin()
                          ? 0
                          : static_cast<std::size_t>(above - histogram.edges.begin()) - 1;
    // On an edge the call decides: a rating of -10 is a negative of 10, so it belongs below.
    if (histogram.is_signed && *row.rating < 0 && bin > 0 && *row.rating == histogram.edges[bin]) {
      --bin;
    }
    bin = std::min(bin, n_bins - 1);
    auto& side = row.truth == 1 ? histogram.diseased : histogram.normal;
    ++side[static_cast<std::size_t>(arm)][bin];
  }
}

void add(std::optional<Count>& count, bool is_positive) {
  if (!count) count = Count{};
  ++count->n;
  if (is_positive) ++count->positive;
}

}  // namespace

void fill_pictures(const ReadingTable& table, ReportInput& input) {
  fill_histogram(table, input);
  for (ReportReader& reader : input.readers) {
    std::array<std::vector<double>, 2> ratings[2];  // [arm][truth]
    std::optional<Count> fp[2], tp[2];
    for (const ReadingRow& row : table.rows) {
      const int arm = arm_index(input.facts, row.arm);
      if (row.reader != reader.name || arm < 0 || !row.is_read) continue;
      if (row.rating) ratings[arm][static_cast<std::size_t>(row.truth)].push_back(*row.rating);
      if (row.is_positive) add((row.truth == 1 ? tp : fp)[arm], *row.is_positive);
    }
    if (!reader.fp_control) reader.fp_control = fp[0];
    if (!reader.fp_treated) reader.fp_treated = fp[1];
    if (!reader.tp_control) reader.tp_control = tp[0];
    if (!reader.tp_treated) reader.tp_treated = tp[1];
    reader.roc_control = empirical_roc(ratings[0][0], ratings[0][1]);
    reader.roc_treated = empirical_roc(ratings[1][0], ratings[1][1]);
    const auto errors = [&](const std::optional<Count>& fps, const std::optional<Count>& tps,
                            int arm) {
      if (fps) input.false_positives[arm] += fps->positive;
      if (tps) input.missed[arm] += tps->n - tps->positive;
    };
    errors(reader.fp_control, reader.tp_control, 0);
    errors(reader.fp_treated, reader.tp_treated, 1);
  }
}

void fill_ai(const ReadingTable& table, ReportInput& input) {
  AiResult& ai = input.ai;
  if (!table.has_ai) {
    ai.why_not = "the AI's call is not recorded in this file (column ai_positive)";
    return;
  }
  struct Pair {
    std::optional<bool> is_right[2];
    bool is_ai_right = false, has_ai = false;
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;  // reader, case
  std::map<std::pair<int, bool>, AiStratum> strata;           // truth, AI right
  std::map<std::pair<int, bool>, std::set<std::string>> cases;
  for (const ReadingRow& row : table.rows) {
    const int arm = arm_index(input.facts, row.arm);
    if (arm < 0 || !row.is_positive || !row.is_ai_positive || !row.is_read) continue;
    const bool is_ai_right = *row.is_ai_positive == (row.truth == 1);
    AiStratum& stratum = strata[{row.truth, is_ai_right}];
    Count& count = arm == 0 ? stratum.control : stratum.treated;
    ++count.n;
    if (*row.is_positive) ++count.positive;
    cases[{row.truth, is_ai_right}].insert(row.case_id);
    Pair& pair = pairs[{row.reader, row.case_id}];
    pair.is_right[arm] = *row.is_positive == (row.truth == 1);
    pair.is_ai_right = is_ai_right;
    pair.has_ai = true;
  }
  if (strata.empty()) {
    ai.why_not = "no reading has both a positive or negative call and the AI's";
    return;
  }
  ai.is_present = true;
  for (const int truth : {0, 1}) {
    for (const bool is_ai_right : {true, false}) {
      const auto found = strata.find({truth, is_ai_right});
      if (found == strata.end()) continue;
      AiStratum stratum = found->second;
      stratum.metric = truth == 0 ? "fpr" : "sensitivity";
      stratum.is_ai_right = is_ai_right;
      stratum.n_cases = cases[{truth, is_ai_right}].size();
      const char* half = is_ai_right ? "ai_right" : "ai_wrong";
      const nlohmann::ordered_json* block =
          find_block(input.results, {"ai_split", half, stratum.metric, "FRRC"});
      if (block == nullptr) {
        block = find_block(input.results, {"ai_split", stratum.metric, half, "FRRC"});
      }
      stratum.frrc = estimate_of(block);
      ai.strata.push_back(std::move(stratum));
    }
  }
  fill_switches(input.results, ai);
  if (ai.ai_right && ai.ai_wrong) return;
  SwitchCounts counted[2];  // [AI wrong, AI right]
  for (const auto& [key, pair] : pairs) {
    if (!pair.is_right[0] || !pair.is_right[1]) continue;
    SwitchCounts& counts = counted[pair.is_ai_right ? 1 : 0];
    ++counts.n;
    if (*pair.is_right[0]) {
      ++(*pair.is_right[1] ? counts.right_right : counts.right_wrong);
    } else {
      ++(*pair.is_right[1] ? counts.wrong_right : counts.wrong_wrong);
    }
  }
  if (counted[0].n + counted[1].n > 0) {
    ai.ai_right = counted[1];
    ai.ai_wrong = counted[0];
  }
}

}  // namespace rationale::study
