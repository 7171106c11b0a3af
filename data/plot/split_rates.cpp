#include "data/plot/split_rates.h"

#include <algorithm>

#include "data/plot/text_box.h"

namespace rationale {

Plot split_rates_plot(const SplitRates& chart) {
  Plot plot{chart.id, chart.title, chart.description, 532, 0, {}};
  const PlotAxis axis{0, 1, 196, 516, "%"};
  double bottom = 24;
  for (const SplitGroup& group : chart.groups) {
    bottom += 20 + 26 * static_cast<double>(group.rows.size());
  }

  // The key, on one line: both arms by shape and name.
  const std::string control = shorten(chart.control, 80, 12, false);
  const std::string treated = shorten(chart.treated, 80, 12, true);
  double x = 201;
  plot.marks.push_back(PlotDot{x, 8, 4.5, "ph"});
  plot.marks.push_back(PlotLabel{x + 8, 12, control, Anchor::kStart, "th", ""});
  x += 8 + text_width(control, 12, false) + 14;
  plot.marks.push_back(PlotDot{x, 8, 4.5, "pv"});
  plot.marks.push_back(PlotLabel{x + 8, 12, treated, Anchor::kStart, "tv", ""});
  x += 8 + text_width(treated, 12, true) + 10;
  plot.marks.push_back(
      PlotLabel{x, 12, shorten(chart.scale, 532 - x, 11, false), Anchor::kStart, "s", ""});

  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    plot.marks.push_back(PlotLine{axis.at(tick), 24, axis.at(tick), bottom, "gr"});
    const char* text = tick == 0      ? "0\u00a0%"
                       : tick == 0.25 ? "25\u00a0%"
                       : tick == 0.5  ? "50\u00a0%"
                       : tick == 0.75 ? "75\u00a0%"
                                      : "100\u00a0%";
    plot.marks.push_back(
        PlotLabel{std::min(axis.at(tick), 513.0), bottom + 15, text, Anchor::kMiddle, "s", ""});
  }

  double y = 24;
  for (const SplitGroup& group : chart.groups) {
    plot.marks.push_back(PlotLabel{0, y + 14, group.name, Anchor::kStart, "b", ""});
    y += 20;
    for (const SplitRow& row : group.rows) {
      const double middle = y + 11;
      const std::string warn = row.is_wrong_direction ? "tw" : "";
      plot.marks.push_back(PlotLabel{0, middle + 4, row.name, Anchor::kStart, warn, ""});
      plot.marks.push_back(
          PlotLabel{72, middle + 4, shorten(row.counts, 120, 11, false), Anchor::kStart, "s", ""});
      const double from = axis.at(row.control), to = axis.at(row.treated);
      plot.marks.push_back(
          PlotLine{from, middle, to, middle, row.is_wrong_direction ? "linkw" : "link"});
      plot.marks.push_back(PlotDot{from, middle, 5, "ph"});
      plot.marks.push_back(PlotDot{to, middle, 5, "pv"});
      // The numbers stand right of both dots, else left of them, else between them and above their
      // line.
      const double first = text_width(row.difference, 12, true);
      const double width = first + 6 + text_width(row.interval, 11, false);
      double text_x = std::max(from, to) + 10, text_y = middle + 4;
      if (text_x + width > 532) text_x = std::min(from, to) - 10 - width;
      if (text_x < axis.start_px) {
        text_x = (axis.start_px + axis.end_px - width) / 2;
        text_y = middle - 6;
      }
      plot.marks.push_back(PlotLabel{text_x, text_y, row.difference, Anchor::kStart,
                                     row.is_wrong_direction ? "tw" : "b", ""});
      if (!row.interval.empty()) {
        plot.marks.push_back(
            PlotLabel{text_x + first + 6, text_y, row.interval, Anchor::kStart, "s", ""});
      }
      y += 26;
    }
  }
  plot.marks.push_back(
      PlotLabel{0, bottom + 36, shorten(chart.caption, 532, 11, false), Anchor::kStart, "s", ""});
  plot.height = bottom + 42;
  return plot;
}

}  // namespace rationale
