#include "data/plot/calibration.h"

#include <algorithm>
#include <cmath>

#include "data/plot/text_box.h"

namespace rationale {
namespace {

constexpr double kLeft = 34, kRight = 330, kTop = 22, kBottom = 288;
constexpr double kLargestDot = 8, kSmallestDot = 2;
constexpr std::size_t kFew = 10;

}  // namespace

Plot calibration_plot(const CalibrationChart& chart) {
  Plot plot{chart.id, chart.title, chart.description, 340, 328, {}};
  const PlotAxis x{0, 1, kLeft, kRight, "%"}, y{0, 1, kBottom, kTop, "%"};
  plot.marks.push_back(PlotBar{kLeft, kTop, kRight - kLeft, kBottom - kTop, "fr"});
  plot.marks.push_back(PlotLine{kLeft, kBottom, kRight, kTop, "gr"});
  plot.marks.push_back(PlotLabel{kLeft, 13, "\u2191 diseased, % of readings", Anchor::kStart, "s", ""});
  std::size_t most = 1;
  for (const auto* points : {&chart.control, &chart.treated}) {
    for (const CalibrationPoint& one : *points) most = std::max(most, one.n);
  }
  const auto draw = [&](const std::vector<CalibrationPoint>& points, const char* line, const char* dot) {
    PlotPath path{{}, line};
    for (const CalibrationPoint& one : points) {
      if (one.n >= kFew) path.points.emplace_back(x.at(one.said), y.at(one.happened));
    }
    if (path.points.size() > 1) plot.marks.push_back(path);
    for (const CalibrationPoint& one : points) {
      const double radius = kLargestDot * std::sqrt(static_cast<double>(one.n) / static_cast<double>(most));
      plot.marks.push_back(PlotDot{x.at(one.said), y.at(one.happened), std::max(radius, kSmallestDot), dot});
    }
  };
  draw(chart.control, "lh", "ph");
  draw(chart.treated, "lv", "pv");
  // Above the diagonal at the left there is room where confidence is of any use.
  const auto write = [&](const std::string& text, double y_px, const char* style) {
    if (!text.empty()) plot.marks.push_back(PlotLabel{kLeft + 8, y_px, shorten(text, 180, 12, true), Anchor::kStart, style, ""});
  };
  write(chart.treated_text, kTop + 18, "tv");
  write(chart.control_text, kTop + 34, "th");
  for (const double tick : {0.0, 0.5, 1.0}) {
    const char* text = tick == 0 ? "0" : tick == 1 ? "100" : "50";
    plot.marks.push_back(PlotLabel{std::min(x.at(tick), kRight - 3), kBottom + 15, text, Anchor::kMiddle, "s", ""});
    plot.marks.push_back(PlotLabel{kLeft - 5, y.at(tick) + 4, text, Anchor::kEnd, "s", ""});
  }
  plot.marks.push_back(PlotLabel{kLeft, kBottom + 32, "stated probability of disease, % \u2192", Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
