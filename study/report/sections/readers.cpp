// Every reader: the leading end point without and with, the ROC curves, then the other end points.
#include <fmt/format.h>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/roc.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/sections/paired.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

double rate(const Count& count) {
  return static_cast<double>(count.positive) / static_cast<double>(count.n);
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
    const bool has_both = input.has_two_arms && !input.is_nested;
    const bool has_control = reader.auc_control || has_both;
    const bool has_treated = reader.auc_treated || has_both;
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
                  {paragraph("note", missing_text("not estimable: " + input.auc.why_not()))}, "");
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

/// The other kind of error, confidence and time beside the end point that leads.
std::string further_pairs(const ReportInput& input, const std::string& first) {
  std::string figures;
  int n = 0;
  for (const char* metric : {"fpr", "sensitivity", "confidence", "time"}) {
    const bool is_shown = metric == first || (first == "specificity" && std::string(metric) == "fpr");
    if (is_shown || !has_paired_figure(input, metric)) continue;
    figures += paired_figure(input, metric, "") + "\n";
    ++n;
  }
  return n == 0 ? "" : fmt::format("<div class=\"row c3e{}\">", n == 4 ? " four" : "") + figures + "</div>\n";
}

}  // namespace

std::string readers_section(const ReportInput& input) {
  if (!input.has_two_arms) {
    const std::string roc = roc_pictures(input);
    return roc.empty() ? "" : "<section>" + roc_figure(input) + "</section>\n";
  }
  const std::string& primary = input.facts.primary;
  std::string first = primary, html;
  if ((primary == "confidence" || primary == "time") && !has_paired_figure(input, primary)) first = "fpr";
  const std::string list = change_list(input, first);
  if (input.readers.size() <= 3 || list.empty()) {
    html = "<div class=\"row c2\">" + paired_figure(input, first, list) + "\n" + roc_figure(input) + "</div>\n";
  } else {
    html = "<div class=\"row c2 many\">" + paired_figure(input, first, "") +
           "<div><h2>The change of each reader</h2>" + paragraph("note cols", list) +
           "</div></div>\n<section>" + roc_figure(input) + "</section>\n";
  }
  return html + further_pairs(input, first);
}

}  // namespace rationale::study
