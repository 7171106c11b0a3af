#include "data/plot/roc.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

#include "data/plot/text_box.h"

namespace rationale {

namespace {

constexpr double kLeft = 28, kRight = 224, kTop = 18, kBottom = 214;

std::size_t at_or_above(const std::vector<double>& sorted_down, double threshold) {
  return static_cast<std::size_t>(
      std::upper_bound(sorted_down.begin(), sorted_down.end(), threshold, std::greater<>()) -
      sorted_down.begin());
}

/// Whether a curve runs through the corner where the numbers usually stand.
bool crosses_lower_right(const std::vector<RocPoint>& points) {
  return std::any_of(points.begin(), points.end(),
                     [](const RocPoint& point) { return point.first > 0.3 && point.second < 0.3; });
}

}  // namespace

std::vector<RocPoint> drop_collinear(const std::vector<RocPoint>& points) {
  std::vector<RocPoint> kept;
  for (const RocPoint& point : points) {
    while (kept.size() >= 2) {
      const RocPoint& a = kept[kept.size() - 2];
      const RocPoint& b = kept.back();
      const double cross = (b.first - a.first) * (point.second - a.second) -
                           (b.second - a.second) * (point.first - a.first);
      if (std::fabs(cross) > 1e-12) break;
      kept.pop_back();
    }
    kept.push_back(point);
  }
  return kept;
}

std::vector<RocPoint> empirical_roc(const std::vector<double>& normal,
                                    const std::vector<double>& diseased) {
  if (normal.empty() || diseased.empty()) return {};
  std::vector<double> down0 = normal, down1 = diseased;
  std::sort(down0.begin(), down0.end(), std::greater<>());
  std::sort(down1.begin(), down1.end(), std::greater<>());
  std::vector<double> thresholds = down0;
  thresholds.insert(thresholds.end(), down1.begin(), down1.end());
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());

  std::vector<RocPoint> points{{0, 0}};
  for (const double threshold : thresholds) {
    points.emplace_back(
        static_cast<double>(at_or_above(down0, threshold)) / static_cast<double>(down0.size()),
        static_cast<double>(at_or_above(down1, threshold)) / static_cast<double>(down1.size()));
  }
  return drop_collinear(points);
}

Plot roc_plot(const Roc& roc) {
  Plot plot{roc.id, roc.title, roc.description, 228, 252, {}};
  const PlotAxis x{0, 1, kLeft, kRight, "%"}, y{0, 1, kBottom, kTop, "%"};
  plot.marks.push_back(PlotBar{kLeft, kTop, kRight - kLeft, kBottom - kTop, "fr"});
  plot.marks.push_back(PlotLine{kLeft, kBottom, kRight, kTop, "gr"});
  const double axis_name = text_width("\u2191 sensitivity, %", 11, false);
  const std::string name = shorten(roc.reader, kRight - kLeft - axis_name - 10, 12, true);
  plot.marks.push_back(PlotLabel{kLeft, 11, name, Anchor::kStart, "b", ""});
  plot.marks.push_back(PlotLabel{std::max(60.0, kLeft + text_width(name, 12, true) + 8), 11,
                                 "\u2191 sensitivity, %", Anchor::kStart, "s", ""});

  const auto draw_curve = [&](const RocCurve& curve, const char* line, const char* dot) {
    if (curve.points.empty()) return;
    PlotPath path{{}, line};
    for (const auto& [fpr, tpr] : curve.points) path.points.emplace_back(x.at(fpr), y.at(tpr));
    plot.marks.push_back(path);
    if (curve.operating_point) {
      plot.marks.push_back(PlotDot{x.at(curve.operating_point->first),
                                   y.at(curve.operating_point->second), 4.5, dot});
    }
  };
  draw_curve(roc.control, "lh", "ph");
  draw_curve(roc.treated, "lv", "pv");

  const bool is_upper =
      crosses_lower_right(roc.control.points) || crosses_lower_right(roc.treated.points);
  const double text_x = is_upper ? 36 : 216;
  const Anchor anchor = is_upper ? Anchor::kStart : Anchor::kEnd;
  const double first = is_upper ? 36 : 171;
  const auto write = [&](const std::string& text, double y_px, double font, const char* style) {
    if (text.empty()) return;
    plot.marks.push_back(
        PlotLabel{text_x, y_px, shorten(text, 176, font, font == 12), anchor, style, ""});
  };
  write(roc.treated.text, first, 12, "tv");
  write(roc.control.text, first + 16, 12, "th");
  write(roc.difference, first + 32, 11, "s");
  for (const double tick : {0.0, 0.5, 1.0}) {
    const char* text = tick == 0 ? "0" : tick == 1 ? "100" : "50";
    plot.marks.push_back(
        PlotLabel{std::min(x.at(tick), 217.0), kBottom + 15, text, Anchor::kMiddle, "s", ""});
    plot.marks.push_back(PlotLabel{kLeft - 5, y.at(tick) + 4, text, Anchor::kEnd, "s", ""});
  }
  plot.marks.push_back(
      PlotLabel{kLeft, kBottom + 32, "false-positive rate, % \u2192", Anchor::kStart, "s", ""});
  return plot;
}

}  // namespace rationale
