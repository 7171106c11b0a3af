#include "data/plot/score_histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/plot/number_text.h"
#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kPanel = 252, kGap = 28, kTop = 36, kBottom = 200;

std::size_t tallest(const std::vector<std::size_t>& bins) {
  return bins.empty() ? 0 : *std::max_element(bins.begin(), bins.end());
}

void draw_panel(Plot& plot, const ScoreHistogram& chart, const ScorePanel& panel, double left,
                double base, double px_per_reading) {
  const PlotAxis x{chart.edges.front(), chart.edges.back(), left, left + kPanel, ""};
  const double middle = chart.is_signed ? x.at(0) : left + kPanel / 2;
  if (chart.is_signed) plot.marks.push_back(PlotLine{middle, 22, middle, kBottom, "gr"});
  plot.marks.push_back(PlotLabel{middle - 6, 12, shorten(panel.arm, 110, 12, true), Anchor::kEnd,
                                 panel.is_treated ? "tv" : "th b", ""});
  if (chart.is_signed) {
    plot.marks.push_back(
        PlotLabel{middle + 8, 12, "called positive \u2192", Anchor::kStart, "s", ""});
  }
  const std::size_t most_up = tallest(panel.normal), most_down = tallest(panel.diseased);
  bool is_up_named = false, is_down_named = false;
  std::vector<PlotLabel> labels;
  for (std::size_t bin = 0; bin + 1 < chart.edges.size(); ++bin) {
    const double from = x.at(chart.edges[bin]), to = x.at(chart.edges[bin + 1]);
    const double up = px_per_reading * static_cast<double>(panel.normal[bin]);
    const double down = px_per_reading * static_cast<double>(panel.diseased[bin]);
    if (panel.normal[bin] > 0)
      plot.marks.push_back(PlotBar{from + 0.5, base - up, to - from - 1, up, "bn"});
    if (panel.diseased[bin] > 0)
      plot.marks.push_back(PlotBar{from + 0.5, base, to - from - 1, down, "bd"});
    if (panel.normal[bin] == most_up && most_up > 0 && !is_up_named) {
      labels.push_back({std::min(to + 3, left + kPanel - 22), base - up + 9,
                        fmt::format("{}", most_up), Anchor::kStart, "s", ""});
      is_up_named = true;
    }
    if (panel.diseased[bin] == most_down && most_down > 0 && !is_down_named) {
      labels.push_back({std::clamp((from + to) / 2, left + 12, left + kPanel - 12),
                        base + down + 12, fmt::format("{}", most_down), Anchor::kMiddle, "s", ""});
      is_down_named = true;
    }
  }
  plot.marks.push_back(PlotLine{left, base, left + kPanel, base, "zero"});
  for (PlotLabel& label : labels) plot.marks.push_back(std::move(label));

  // Errors stand where they happened: false positives above the positive side, misses below the
  // negative. Above the highest bar beneath the words, so that they never cover one.
  const auto highest = [&](const std::vector<std::size_t>& bins, double from_px, double to_px) {
    std::size_t most = 0;
    for (std::size_t bin = 0; bin < bins.size(); ++bin) {
      if (x.at(chart.edges[bin + 1]) > from_px && x.at(chart.edges[bin]) < to_px) {
        most = std::max(most, bins[bin]);
      }
    }
    return px_per_reading * static_cast<double>(most);
  };
  if (!panel.false_positives.empty()) {
    const double width = text_width(panel.false_positives, 12, true);
    const bool is_at_middle = chart.is_signed && middle + 8 + width <= left + kPanel;
    const double start = is_at_middle ? middle + 8 : left + kPanel - width;
    const double y = base - highest(panel.normal, start, left + kPanel) - 8;
    plot.marks.push_back(PlotLabel{is_at_middle ? start : left + kPanel, std::max(y, kTop - 8),
                                   panel.false_positives,
                                   is_at_middle ? Anchor::kStart : Anchor::kEnd, "b", ""});
  }
  if (!panel.missed.empty()) {
    const double width = text_width(panel.missed, 12, true);
    const double y = base + highest(panel.diseased, left, left + width) + 16;
    plot.marks.push_back(
        PlotLabel{left, std::min(y, kBottom + 2), panel.missed, Anchor::kStart, "b", ""});
  }
  for (const double tick : chart.ticks) {
    const PlotLabel wide{0, 0, signed_text(tick, 0), Anchor::kStart, "s", ""};
    const double half = text_box(wide).right / 2;
    plot.marks.push_back(PlotLabel{std::clamp(x.at(tick), left + half, left + kPanel - half),
                                   kBottom + 20, chart.is_signed ? wide.text : fixed_text(tick, 0),
                                   Anchor::kMiddle, "s", ""});
  }
}

}  // namespace

Plot score_histogram_plot(const ScoreHistogram& chart) {
  Plot plot{chart.id, chart.title, chart.description, 532, 246, {}};
  std::size_t up = 0, down = 0;
  for (const ScorePanel& panel : chart.panels) {
    up = std::max(up, tallest(panel.normal));
    down = std::max(down, tallest(panel.diseased));
  }
  const double px_per_reading =
      (kBottom - 12 - kTop) / static_cast<double>(std::max<std::size_t>(1, up + down));
  const double base = kTop + px_per_reading * static_cast<double>(up);
  double left = 0;
  for (const ScorePanel& panel : chart.panels) {
    draw_panel(plot, chart, panel, left, base, px_per_reading);
    left += kPanel + kGap;
  }
  plot.marks.push_back(
      PlotLabel{0, 242, shorten(chart.caption, 532, 11, false), Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
