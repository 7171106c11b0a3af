#include "data/plot/paired_readers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "data/plot/number_text.h"
#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kWidth = 372, kTop = 30;
constexpr double kControl = 78, kTreated = 176;  // px of the two arms
constexpr double kRate = kTreated + 16, kName = 248;

/// The end of the scale: a round proportion at or above the largest rate.
double scale_end(const PairedReaders& chart) {
  double largest = 0;
  for (const PairedReader& reader : chart.readers) {
    largest = std::max({largest, reader.control, reader.treated});
  }
  const double step = largest <= 0.3 ? 0.05 : 0.1;
  return std::clamp(std::ceil(largest / step - 1e-9) * step, 0.05, 1.0);
}

struct Line {
  const PairedReader* reader;
  bool is_mean;
};

}  // namespace

Plot paired_readers_plot(const PairedReaders& chart) {
  std::vector<Line> lines;
  for (const PairedReader& reader : chart.readers) lines.push_back({&reader, false});
  if (chart.mean) lines.push_back({&*chart.mean, true});
  const double n = static_cast<double>(lines.size());
  const double bottom = std::max(292.0, kTop + 16 * n);

  Plot plot{chart.id, chart.title, chart.description, kWidth, bottom + 30, {}};
  const PlotAxis axis{0, scale_end(chart), bottom, kTop, "%"};
  plot.marks.push_back(PlotLine{kControl - 46, bottom, kTreated + 46, bottom, "ax"});
  plot.marks.push_back(PlotLabel{kControl - 50, bottom + 4, "0\u00a0%", Anchor::kEnd, "s", ""});
  for (const double x : {kControl, kTreated}) {
    plot.marks.push_back(PlotLine{x, bottom, x, kTop - 10, "gr"});
  }
  plot.marks.push_back(
      PlotLabel{kControl, 14, shorten(chart.control, 92, 12, true), Anchor::kMiddle, "th b", ""});
  plot.marks.push_back(
      PlotLabel{kTreated, 14, shorten(chart.treated, 92, 12, true), Anchor::kMiddle, "tv", ""});

  // Where the labels stand: near their dots, apart from each other. The mean comes first at a tie,
  // as in "mean of readers" above the reader who equals it.
  std::vector<double> left, right;
  for (const Line& line : lines) {
    const double lift = line.is_mean ? 0.01 : 0;
    left.push_back(axis.at(line.reader->control) + 4 - lift);
    right.push_back(axis.at(line.reader->treated) + 4 - lift);
  }
  left = keep_apart(left, 15, kTop, bottom - 6);
  right = keep_apart(right, 15, kTop, bottom - 6);

  for (std::size_t i = 0; i < lines.size(); ++i) {
    const PairedReader& reader = *lines[i].reader;
    const double y1 = axis.at(reader.control), y2 = axis.at(reader.treated);
    const std::string bold = lines[i].is_mean ? "b" : "";
    if (std::fabs(left[i] - 4 - y1) > 4) {
      plot.marks.push_back(PlotLine{kControl - 12, left[i] - 4, kControl - 5, y1, "lead"});
    }
    if (std::fabs(right[i] - 4 - y2) > 4) {
      plot.marks.push_back(PlotLine{kTreated + 5, y2, kTreated + 13, right[i] - 4, "lead"});
    }
    plot.marks.push_back(PlotLine{kControl, y1, kTreated, y2, lines[i].is_mean ? "linkb" : "link"});
    if (!lines[i].is_mean) {
      plot.marks.push_back(PlotDot{kControl, y1, 5, "ph"});
      plot.marks.push_back(PlotDot{kTreated, y2, 5, "pv"});
    }
    plot.marks.push_back(
        PlotLabel{kControl - 15, left[i], percent_text(reader.control), Anchor::kEnd, bold, ""});
    plot.marks.push_back(
        PlotLabel{kRate, right[i], percent_text(reader.treated), Anchor::kStart, bold, ""});
    const double counts_width = lines[i].is_mean ? 0 : text_width(reader.counts, 11, false) + 6;
    const std::string name = shorten(reader.name, kWidth - kName - counts_width, 12, true);
    plot.marks.push_back(PlotLabel{kName, right[i], name, Anchor::kStart, "b", ""});
    if (!lines[i].is_mean) {
      plot.marks.push_back(PlotLabel{kWidth, right[i], reader.counts, Anchor::kEnd, "s", ""});
    }
  }
  plot.marks.push_back(PlotLabel{2, bottom + 24, shorten(chart.caption, kWidth - 4, 11, false),
                                 Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
