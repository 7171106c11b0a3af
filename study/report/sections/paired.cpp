#include "study/report/sections/paired.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/paired_readers.h"
#include "data/plot/svg.h"
#include "study/report/reader_values.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

PairedUnit unit_of(const std::string& metric) {
  if (metric == "auc") return PairedUnit::kArea;
  if (metric == "confidence") return PairedUnit::kPoints;
  return metric == "time" ? PairedUnit::kSeconds : PairedUnit::kProportion;
}

std::string value_words(const std::string& metric, double value) {
  if (metric == "auc") return fixed_text(value, 3);
  if (metric == "confidence") return fixed_text(value, 1) + " points";
  return metric == "time" ? fixed_text(value, 1) + " s" : percent_text(value);
}

const std::optional<Count>& count_of(const ReportReader& reader, const std::string& metric, bool is_control) {
  if (metric == "sensitivity") return is_control ? reader.tp_control : reader.tp_treated;
  return is_control ? reader.fp_control : reader.fp_treated;
}

const ReportReader* reader_named(const ReportInput& input, const std::string& name) {
  const auto found = std::ranges::find(input.readers, name, &ReportReader::name);
  return found == input.readers.end() ? nullptr : &*found;
}

/// Counts of positive calls, where the end point is a rate of them.
std::string counts_text(const ReportInput& input, const ReaderPair& pair, const std::string& metric) {
  const ReportReader* reader = reader_named(input, pair.reader);
  if (reader == nullptr || (metric != "fpr" && metric != "sensitivity") || !pair.control || !pair.treated) return "";
  return fmt::format("{} \u2192 {}", count_of(*reader, metric, true)->positive, count_of(*reader, metric, false)->positive);
}

/// "Normal films called positive, of 180 per reader and arm"; of means what they are.
std::string caption_of(const ReportInput& input, const std::string& metric) {
  if (metric == "auc") return "Area under each reader\u2019s empirical curve";
  if (metric == "confidence") return "Mean confidence of each reader, points of 100";
  if (metric == "time") return "Geometric mean of each reader\u2019s reading times";
  const bool is_sensitivity = metric == "sensitivity";
  std::size_t n_cases = 0;
  bool is_same_n = true;
  for (const ReportReader& reader : input.readers) {
    for (const bool is_control : {true, false}) {
      const auto& count = count_of(reader, metric, is_control);
      if (!count || count->n == 0) continue;
      if (n_cases == 0) n_cases = count->n;
      is_same_n = is_same_n && count->n == n_cases;
    }
  }
  const std::string what = fmt::format("{} {} called {}", is_sensitivity ? "Diseased" : "Normal", input.facts.case_many,
                                       metric == "specificity" ? "negative" : "positive");
  return is_same_n ? fmt::format("{}, of {} per reader and arm", what, n_cases) : what + " (counts: right)";
}

std::string name_of(const std::string& metric) {
  if (metric == "confidence") return "confidence";
  return metric == "time" ? "reading time" : metric_words(metric).name;
}

/// What is seen: how many readers went which way.
std::string title_of(const ReportInput& input, const std::string& metric, const std::vector<ReaderPair>& values) {
  const std::string name = capital(name_of(metric));
  if (input.is_nested) return name + " of each reader, in the reader\u2019s arm";
  if (metric == "fpr") return paired_title(input);
  // The ROC curves beside it say in how many it rose.
  return metric == "auc" ? name + " of each reader" : change_title(name, values, input.readers.size());
}

bool is_drawn(const ReportInput& input, const ReaderPair& pair) { return input.is_nested || (pair.control && pair.treated); }

}  // namespace

std::string change_list(const ReportInput& input, const std::string& metric_id) {
  if (input.is_nested || metric_id == "confidence" || metric_id == "time") return "";
  const MetricWords& words = metric_words(metric_id);
  const MetricResult& metric = metric_of(input, metric_id);
  const std::vector<ReaderPair> values = reader_values(input, metric_id);
  std::string html;
  bool has_interval = false;
  for (std::size_t i = 0; i < input.readers.size(); ++i) {
    const std::string& name = input.readers[i].name;
    const PrintedEstimate estimate = i < metric.readers.size() ? metric.readers[i] : PrintedEstimate{};
    auto change = estimate.value;
    const auto own = std::ranges::find(values, name, &ReaderPair::reader);
    if (!change && own != values.end() && is_drawn(input, *own)) change = *own->treated - *own->control;
    html += fmt::format("<br><b>{}</b> {}", escape_markup(name),
                        change ? change_text(words, *change)
                               : missing_text("not estimable: not read in both arms"));
    if (estimate.is_estimable) {
      html += fmt::format(" ({})", interval_text(estimate.lower, estimate.upper, words.factor, words.decimals));
      has_interval = true;
    }
  }
  if (html.empty()) return "";
  return fmt::format("Change per reader, {}{}:{}",
                     has_interval ? "95\u00a0% interval (that reader, " + escape_markup(input.facts.case_many) + " like these), " : "",
                     words.unit.empty() ? words.name : words.unit, html);
}

bool has_paired_figure(const ReportInput& input, const std::string& metric) {
  return std::ranges::any_of(reader_values(input, metric), [&](const ReaderPair& one) { return is_drawn(input, one); });
}

std::string paired_figure(const ReportInput& input, const std::string& metric, const std::string& list) {
  PairedReaders chart;
  chart.id = metric == "fpr" ? "paired" : "paired-" + metric;
  chart.title = fmt::format("{} per reader, {} and {}", capital(name_of(metric)), input.facts.control.label,
                            input.facts.treated.label);
  chart.control = input.facts.control.label;
  chart.treated = input.facts.treated.label;
  chart.unit = unit_of(metric);
  const std::vector<ReaderPair> values = reader_values(input, metric);
  double sum[2] = {0, 0};
  std::size_t n[2] = {0, 0};
  for (const ReaderPair& one : values) {
    if (!is_drawn(input, one)) continue;
    chart.readers.push_back({one.reader, one.control, one.treated, counts_text(input, one, metric)});
    std::string said;
    for (const auto& [arm, value] : {std::pair{0, one.control}, {1, one.treated}}) {
      if (!value) continue;
      sum[arm] += *value;
      ++n[arm];
      said += fmt::format("{}{} {}", said.empty() ? "" : ", ", value_words(metric, *value), arm == 0 ? input.facts.control.label : input.facts.treated.label);
    }
    chart.description += fmt::format("{}{}: {}", chart.description.empty() ? "" : "; ", one.reader, said);
  }
  if (chart.readers.empty()) {
    return figure(capital(name_of(metric)) + " of each reader",
                  {paragraph("note", missing_text("not estimable: no reader has " + std::string(metric == "auc" ? "an area" : metric == "time" || metric == "confidence" ? "a value" : "calls") + " in both arms"))}, "");
  }
  // A mean over some of the readers would be the mean of another study; that of times is geometric as theirs.
  const bool is_mean = metric == "confidence" || metric == "time";
  if (chart.readers.size() > 1 && chart.readers.size() == input.readers.size() && n[0] > 0 && n[1] > 0 && metric != "time") {
    const auto mean = [&](int arm) { return sum[arm] / static_cast<double>(n[arm]); };
    const MetricResult& result = metric_of(input, metric);
    chart.mean = PairedReader{input.is_nested ? "mean" : "mean of readers", is_mean ? mean(0) : result.control.value_or(mean(0)),
                              is_mean ? mean(1) : result.treated.value_or(mean(1)), ""};
  }
  chart.caption = caption_of(input, metric);
  const std::string note = metric == "fpr" && !input.is_nested ? paired_note(input) : "";
  return figure(title_of(input, metric, values), {paragraph("note", note), paragraph("note po", list)}, svg(paired_readers_plot(chart)));
}

}  // namespace rationale::study
