// Every reader: false positives without and with, and the ROC curves.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/paired_readers.h"
#include "data/plot/roc.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

double rate(const Count& count) {
  return static_cast<double>(count.positive) / static_cast<double>(count.n);
}

bool has_rates(const ReportReader& reader) {
  return reader.fp_control && reader.fp_treated && reader.fp_control->n > 0 &&
         reader.fp_treated->n > 0;
}

/// "R01 −1.7 (−8.5 to +5.1)": that reader, cases like these. Where results.json has no interval of
/// a reader, the change alone.
std::string change_list(const ReportInput& input) {
  const MetricWords& words = metric_words("fpr");
  std::string html;
  bool has_interval = false;
  for (std::size_t i = 0; i < input.readers.size(); ++i) {
    const ReportReader& reader = input.readers[i];
    const PrintedEstimate estimate = i < input.fpr.readers.size() ? input.fpr.readers[i] : PrintedEstimate{};
    auto change = estimate.value;
    if (!change && has_rates(reader)) change = rate(*reader.fp_treated) - rate(*reader.fp_control);
    html += fmt::format("<br><b>{}</b> {}", escape_markup(reader.name),
                        change ? change_text(words, *change)
                               : missing_text("not estimable: not read in both arms"));
    if (estimate.is_estimable) {
      html += fmt::format(" ({})", interval_text(estimate.lower, estimate.upper, 100, 1));
      has_interval = true;
    }
  }
  if (html.empty()) return "";
  return fmt::format(
      "Change per reader, {}percentage points:{}",
      has_interval ? "95\u00a0% interval (that reader, " + escape_markup(input.facts.case_many) +
                         " like these), "
                   : "false positives among normal " + escape_markup(input.facts.case_many) + ", ",
      html);
}

std::string paired_figure(const ReportInput& input, bool has_list_on_screen) {
  PairedReaders chart;
  chart.id = "paired";
  chart.title = fmt::format("False-positive rate per reader, {} and {}", input.facts.control.label,
                            input.facts.treated.label);
  chart.control = input.facts.control.label;
  chart.treated = input.facts.treated.label;
  double control = 0, treated = 0;
  std::size_t n_normal = 0;
  bool is_same_n = true;
  for (const ReportReader& reader : input.readers) {
    if (!has_rates(reader)) continue;
    chart.readers.push_back(
        {reader.name, rate(*reader.fp_control), rate(*reader.fp_treated),
         fmt::format("{} \u2192 {}", reader.fp_control->positive, reader.fp_treated->positive)});
    chart.description += fmt::format(
        "{}{}: {} of {} {}, {} of {} {}", chart.description.empty() ? "" : "; ", reader.name,
        reader.fp_control->positive, reader.fp_control->n, input.facts.control.label,
        reader.fp_treated->positive, reader.fp_treated->n, input.facts.treated.label);
    control += rate(*reader.fp_control);
    treated += rate(*reader.fp_treated);
    if (n_normal == 0) n_normal = reader.fp_control->n;
    is_same_n = is_same_n && reader.fp_control->n == n_normal && reader.fp_treated->n == n_normal;
  }
  if (chart.readers.empty()) {
    return figure(
        "False positives of each reader",
        {paragraph("note", missing_text("not estimable: no reader has calls in both arms"))}, "");
  }
  // A mean over some of the readers would be the mean of another study.
  if (chart.readers.size() > 1 && chart.readers.size() == input.readers.size()) {
    const double n = static_cast<double>(chart.readers.size());
    chart.mean = PairedReader{"mean of readers", input.fpr.control.value_or(control / n),
                              input.fpr.treated.value_or(treated / n), ""};
  }
  chart.caption =
      is_same_n ? fmt::format("Normal {} called positive, of {} per reader and arm",
                              input.facts.case_many, n_normal)
                : fmt::format("Normal {} called positive (counts: right)", input.facts.case_many);
  const std::string list = change_list(input);
  return figure(
      paired_title(input),
      {paragraph("note", paired_note(input)), has_list_on_screen ? "" : paragraph("note po", list)},
      svg(paired_readers_plot(chart)));
}

std::string roc_pictures(const ReportInput& input) {
  std::string html;
  for (std::size_t i = 0; i < input.readers.size(); ++i) {
    const ReportReader& reader = input.readers[i];
    if (reader.roc_control.empty() && reader.roc_treated.empty()) continue;
    Roc roc;
    roc.id = fmt::format("roc{}", i + 1);
    roc.reader = reader.name;
    roc.title = "ROC of reader " + reader.name;
    roc.control.points = reader.roc_control;
    roc.treated.points = reader.roc_treated;
    const auto text = [](const std::string& arm, const std::optional<double>& area) {
      return arm + " " + (area ? fixed_text(*area, 3) : "not estimable");
    };
    const bool has_control = reader.auc_control || input.has_two_arms;
    const bool has_treated = reader.auc_treated || input.has_two_arms;
    if (has_control) roc.control.text = text(input.facts.control.label, reader.auc_control);
    if (has_treated) roc.treated.text = text(input.facts.treated.label, reader.auc_treated);
    if (reader.auc_control && reader.auc_treated) {
      roc.difference = "difference " + signed_text(*reader.auc_treated - *reader.auc_control, 3);
    }
    roc.description = fmt::format("Area under the curve: {}{}{}", roc.control.text,
                                  has_control && has_treated ? ", " : "", roc.treated.text);
    const auto point = [](const std::optional<Count>& fp,
                          const std::optional<Count>& tp) -> std::optional<RocPoint> {
      if (!fp || !tp || fp->n == 0 || tp->n == 0) return std::nullopt;
      return RocPoint{rate(*fp), rate(*tp)};
    };
    roc.control.operating_point = point(reader.fp_control, reader.tp_control);
    roc.treated.operating_point = point(reader.fp_treated, reader.tp_treated);
    html += svg(roc_plot(roc));
  }
  return html;
}

std::string roc_figure(const ReportInput& input) {
  const std::string pictures = roc_pictures(input);
  if (pictures.empty()) {
    return figure("Areas under the curve",
                  {paragraph("note", missing_text("not estimable: " + input.auc.rrrc.reason))}, "");
  }
  return figure(
      roc_title(input), {paragraph("note", roc_note(input))},
      "<div class=\"multi\">" + pictures +
          paragraph(
              "note",
              fmt::format("Dot: where the reader decided (\u25cb {}, \u25cf {}). Numbers: area "
                          "under the empirical curve; ties count one half.",
                          escape_markup(input.facts.control.label),
                          escape_markup(input.facts.treated.label))) +
          "</div>");
}

}  // namespace

std::string readers_section(const ReportInput& input) {
  if (!input.has_two_arms) {
    const std::string roc = roc_pictures(input);
    return roc.empty() ? "" : "<section>" + roc_figure(input) + "</section>\n";
  }
  if (input.readers.size() <= 3) {
    return "<div class=\"row c2\">" + paired_figure(input, false) + "\n" + roc_figure(input) +
           "</div>\n";
  }
  const std::string list = change_list(input);
  return "<div class=\"row c2 many\">" + paired_figure(input, true) +
         "<div><h2>The change of each reader</h2>" + paragraph("note cols", list) +
         "</div></div>\n<section>" + roc_figure(input) + "</section>\n";
}

}  // namespace rationale::study
