#include "data/plot/cascade.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "data/plot/text_box.h"

namespace rationale {

Plot cascade_plot(const Cascade& chart) {
  constexpr double width = 532, left = 34, right = 352, top = 12, bottom = 208;
  Plot plot{chart.id, chart.title, chart.description, width, 266, {}};
  const PlotAxis axis{0, 1, bottom, top, ""};
  for (const auto& [value, text] : {std::pair{0.0, "0"}, {0.5, "0.5"}, {1.0, "1.0"}}) {
    plot.marks.push_back(PlotLine{left, axis.at(value), right, axis.at(value), value == 0 ? "ax" : "gr"});
    plot.marks.push_back(PlotLabel{left - 6, axis.at(value) + 4, text, Anchor::kEnd, "s", ""});
  }
  const double n = static_cast<double>(std::max<std::size_t>(chart.stages.size(), 2) - 1);
  const double step = (right - left - 24) / n;
  const auto x_of = [&](std::size_t i) { return left + 12 + step * static_cast<double>(i); };

  plot.marks.push_back(PlotLine{left, axis.at(chart.limit), right, axis.at(chart.limit), "marg"});
  // Beside the plot and not in it, where the lines end that it is about.
  plot.marks.push_back(PlotLabel{right + 6, axis.at(chart.limit) + 4, chart.limit_text, Anchor::kStart, "tw", "ends"});
  for (std::size_t i = 0; i < chart.stages.size(); ++i) {
    plot.marks.push_back(
        PlotLabel{x_of(i), bottom + 16, shorten(chart.stages[i], step - 4, 11, false), Anchor::kMiddle, "s", ""});
  }
  // Others first: the line that is recommended lies on top.
  for (const bool is_lead : {false, true}) {
    for (const CascadeLine& line : chart.lines) {
      if (line.is_lead != is_lead || line.values.empty()) continue;
      PlotPath path{{}, is_lead ? "lv" : "lh"};
      for (std::size_t i = 0; i < line.values.size(); ++i) path.points.emplace_back(x_of(i), axis.at(line.values[i]));
      plot.marks.push_back(path);
      for (const auto& [x, y] : path.points) {
        plot.marks.push_back(PlotDot{x, y, is_lead ? 4.5 : 4.0, is_lead ? "pv" : "ph"});
      }
      plot.marks.push_back(PlotLabel{right + 6, path.points.back().second + 4,
                                     shorten(line.name, width - right - 6, 12, is_lead), Anchor::kStart,
                                     is_lead ? "tv" : "th", "ends"});
    }
  }
  settle_labels(plot, "ends", 15, top + 10, bottom);
  plot.marks.push_back(
      PlotLabel{left, bottom + 38, shorten(chart.caption, width - left, 11, false), Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
