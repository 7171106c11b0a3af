#include "data/plot/paired_readers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "data/plot/number_text.h"
#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kWidth = 372, kTop = 30;
constexpr double kLeft = 78, kBetween = 98;  // px of the first arm, and from there to the second
constexpr double kMostShift = 80;            // px that names left of the first arm may take

struct Scale {
  double start = 0, end = 1;
};

/// Round values around all that is drawn.
Scale scale_of(const PairedReaders& chart) {
  double least = 1e300, largest = 0;
  for (const PairedReader& reader : chart.readers) {
    for (const auto& value : {reader.control, reader.treated}) {
      if (!value) continue;
      least = std::min(least, *value);
      largest = std::max(largest, *value);
    }
  }
  switch (chart.unit) {
    case PairedUnit::kProportion: {
      const double step = largest <= 0.3 ? 0.05 : 0.1;
      return {least >= 0.5 && least < 1 ? 0.5 : 0, std::clamp(std::ceil(largest / step - 1e-9) * step, least >= 0.5 ? 0.6 : 0.05, 1.0)};
    }
    case PairedUnit::kArea: {
      const double start = std::clamp(std::floor(least * 10 + 1e-9) / 10, 0.0, 0.5);
      return {start, std::clamp(std::ceil(largest * 10 - 1e-9) / 10, start + 0.1, 1.0)};
    }
    case PairedUnit::kPoints:
      return {least >= 50 && least < 100 ? 50.0 : 0.0, std::clamp(std::ceil(largest / 10 - 1e-9) * 10, least >= 50 ? 60.0 : 10.0, 100.0)};
    case PairedUnit::kSeconds:
      break;
  }
  return {0, largest > 0 ? round_up(largest) : 1};
}

std::string value_text(PairedUnit unit, double value) {
  switch (unit) {
    case PairedUnit::kProportion: return percent_text(value);
    case PairedUnit::kArea: return fixed_text(value, 3);
    case PairedUnit::kPoints: return fixed_text(value, 1);
    case PairedUnit::kSeconds: break;
  }
  return fixed_text(value, 1) + "\u00a0s";
}

std::string start_text(PairedUnit unit, double start) {
  switch (unit) {
    case PairedUnit::kProportion: return start > 0 ? fixed_text(100 * start, 0) : "0\u00a0%";
    case PairedUnit::kArea: return fixed_text(start, 1);
    case PairedUnit::kPoints: return fixed_text(start, 0);
    case PairedUnit::kSeconds: break;
  }
  return "0\u00a0s";
}

struct Line {
  const PairedReader* reader;
  bool is_mean;
};

/// Px that the names of readers without a value on the right need left of the first arm.
double shift_of(const std::vector<Line>& lines) {
  double widest = 0;
  for (const Line& line : lines) {
    if (line.reader->control && !line.reader->treated) widest = std::max(widest, text_width(line.reader->name, 12, true) + 8);
  }
  return std::min(widest, kMostShift);
}

/// Where the labels of one arm stand: near their dots, apart from each other. The mean comes first at a tie,
/// as in "mean of readers" above the reader who equals it.
std::vector<double> places(const std::vector<Line>& lines, std::optional<double> PairedReader::*arm, const PlotAxis& axis) {
  std::vector<double> wanted;
  for (const Line& line : lines) {
    if (const auto& value = line.reader->*arm) wanted.push_back(axis.at(*value) + 4 - (line.is_mean ? 0.01 : 0));
  }
  wanted = keep_apart(wanted, 15, kTop, axis.start_px - 6);
  std::vector<double> result;
  std::size_t next = 0;
  for (const Line& line : lines) result.push_back(line.reader->*arm ? wanted[next++] : 0);
  return result;
}

}  // namespace

Plot paired_readers_plot(const PairedReaders& chart) {
  std::vector<Line> lines;
  for (const PairedReader& reader : chart.readers) lines.push_back({&reader, false});
  if (chart.mean) lines.push_back({&*chart.mean, true});
  const double n = static_cast<double>(lines.size());
  const double bottom = std::max(292.0, kTop + 16 * n);
  const double shift = shift_of(lines), control_x = kLeft + shift, treated_x = control_x + kBetween;
  const double value_x = treated_x + 16, name_x = value_x + 56;

  Plot plot{chart.id, chart.title, chart.description, kWidth, bottom + 30, {}};
  const Scale scale = scale_of(chart);
  const PlotAxis axis{scale.start, scale.end, bottom, kTop, ""};
  plot.marks.push_back(PlotLine{control_x - 46, bottom, treated_x + 46, bottom, "ax"});
  const double start_x = control_x - (scale.start > 0 ? 58 : 50);  // left of the values, which may lie on the axis
  plot.marks.push_back(PlotLabel{start_x, bottom + 4, start_text(chart.unit, scale.start), Anchor::kEnd, "s", ""});
  for (const double x : {control_x, treated_x}) {
    plot.marks.push_back(PlotLine{x, bottom, x, kTop - 10, "gr"});
  }
  plot.marks.push_back(
      PlotLabel{control_x, 14, shorten(chart.control, 92, 12, true), Anchor::kMiddle, "th b", ""});
  plot.marks.push_back(
      PlotLabel{treated_x, 14, shorten(chart.treated, 92, 12, true), Anchor::kMiddle, "tv", ""});

  const std::vector<double> left = places(lines, &PairedReader::control, axis);
  const std::vector<double> right = places(lines, &PairedReader::treated, axis);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const PairedReader& reader = *lines[i].reader;
    const std::string bold = lines[i].is_mean ? "b" : "";
    const bool is_pair = reader.control && reader.treated;
    if (is_pair) {
      plot.marks.push_back(PlotLine{control_x, axis.at(*reader.control), treated_x, axis.at(*reader.treated),
                                    lines[i].is_mean ? "linkb" : "link"});
    }
    if (reader.control) {
      const double y = axis.at(*reader.control);
      if (std::fabs(left[i] - 4 - y) > 4) plot.marks.push_back(PlotLine{control_x - 12, left[i] - 4, control_x - 5, y, "lead"});
      if (!lines[i].is_mean) plot.marks.push_back(PlotDot{control_x, y, 5, "ph"});
      plot.marks.push_back(PlotLabel{control_x - 15, left[i], value_text(chart.unit, *reader.control), Anchor::kEnd, bold, ""});
      if (!is_pair) plot.marks.push_back(PlotLabel{2, left[i], shorten(reader.name, shift - 4, 12, true), Anchor::kStart, "b", ""});
    }
    if (!reader.treated) continue;
    const double y = axis.at(*reader.treated);
    if (std::fabs(right[i] - 4 - y) > 4) plot.marks.push_back(PlotLine{treated_x + 5, y, treated_x + 13, right[i] - 4, "lead"});
    if (!lines[i].is_mean) plot.marks.push_back(PlotDot{treated_x, y, 5, "pv"});
    plot.marks.push_back(PlotLabel{value_x, right[i], value_text(chart.unit, *reader.treated), Anchor::kStart, bold, ""});
    const double counts_width = lines[i].is_mean ? 0 : text_width(reader.counts, 11, false) + 6;
    plot.marks.push_back(
        PlotLabel{name_x, right[i], shorten(reader.name, kWidth - name_x - counts_width, 12, true), Anchor::kStart, "b", ""});
    if (!lines[i].is_mean) plot.marks.push_back(PlotLabel{kWidth, right[i], reader.counts, Anchor::kEnd, "s", ""});
  }
  plot.marks.push_back(PlotLabel{2, bottom + 24, shorten(chart.caption, kWidth - 4, 11, false),
                                 Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
