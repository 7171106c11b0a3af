#include "data/plot/share_rows.h"

#include <algorithm>

#include "data/plot/number_text.h"
#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kWidth = 532, kTop = 30, kRow = 34;
constexpr double kAxisStart = 178, kAxisEnd = 446;
constexpr double kNameWidth = 108, kCounts = 114;

double scale_end(const ShareRows& chart) {
  double largest = 0.1;
  for (const ShareRow& row : chart.rows) {
    for (const auto& value : {row.share, row.area, row.centre, row.edges})
      largest = std::max(largest, value.value_or(0));
    if (row.interval) largest = std::max(largest, row.interval->second);
  }
  return std::min(1.0, round_up(largest));
}

void draw_baselines(Plot& plot, const ShareRow& row, const PlotAxis& axis, double y) {
  if (row.area) {
    const double x = axis.at(*row.area);
    plot.marks.push_back(
        PlotPath{{{x - 4, y - 4}, {x + 4, y - 4}, {x + 4, y + 4}, {x - 4, y + 4}, {x - 4, y - 4}}, "head"});
  }
  if (row.centre) {
    const double x = axis.at(*row.centre);
    plot.marks.push_back(PlotPath{{{x, y - 5}, {x + 5, y + 4}, {x - 5, y + 4}, {x, y - 5}}, "head"});
  }
  if (row.edges) {
    const double x = axis.at(*row.edges);
    plot.marks.push_back(PlotLine{x, y - 5, x, y + 5, "ci2"});
  }
}

}  // namespace

Plot share_rows_plot(const ShareRows& chart) {
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  Plot plot{chart.id, chart.title, chart.description, kWidth, bottom + 42, {}};
  const PlotAxis axis{0, scale_end(chart), kAxisStart, kAxisEnd, "%"};
  for (const double tick : round_ticks(axis.lower, axis.upper, 5)) {
    const double x = axis.at(tick);
    plot.marks.push_back(PlotLine{x, kTop - 6, x, bottom, "gr"});
    plot.marks.push_back(PlotLabel{x, bottom + 15, percent_text(tick, 0), Anchor::kMiddle, "s", ""});
  }
  plot.marks.push_back(PlotLabel{kAxisStart, 14, "share of the map inside the region", Anchor::kStart, "s", ""});
  plot.marks.push_back(PlotLabel{kWidth, 14, chart.hits_title, Anchor::kEnd, "s", ""});
  double y = kTop;
  for (const ShareRow& row : chart.rows) {
    const double middle = y + 9;
    plot.marks.push_back(PlotLabel{0, middle + 4, shorten(row.name, kNameWidth, 12, true), Anchor::kStart, "b", ""});
    plot.marks.push_back(PlotLabel{kCounts, middle + 4, shorten(row.counts, kAxisStart - kCounts - 6, 11, false),
                                   Anchor::kStart, "s", ""});
    if (row.interval) {
      plot.marks.push_back(
          PlotLine{axis.at(row.interval->first), middle, axis.at(row.interval->second), middle, "ci1"});
    }
    draw_baselines(plot, row, axis, middle + 12);
    if (row.share) {
      plot.marks.push_back(PlotDot{axis.at(*row.share), middle, 5, "pv"});
    } else {
      plot.marks.push_back(PlotLabel{kAxisStart + 6, middle + 4,
                                     shorten(row.words, kAxisEnd - kAxisStart - 12, 11, false), Anchor::kStart, "ne",
                                     ""});
    }
    plot.marks.push_back(PlotLabel{kWidth, middle + 2, row.hits, Anchor::kEnd, "b", ""});
    plot.marks.push_back(PlotLabel{kWidth, middle + 16, row.hits_interval, Anchor::kEnd, "s", ""});
    y += kRow;
  }
  plot.marks.push_back(PlotLabel{0, bottom + 36, shorten(chart.caption, kWidth, 11, false), Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
