#include "data/plot/power_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace rationale {
namespace {

constexpr double kLeft = 44, kRight = 540, kTop = 34, kBottom = 300, kLabelHeight = 14;

/// Ticks that are not closer than a label is wide.
std::vector<double> spread_ticks(const std::set<double>& values, const PlotAxis& x) {
  std::vector<double> ticks;
  for (const double value : values) {
    if (ticks.empty() || x.at(std::log(value)) - x.at(std::log(ticks.back())) > 34) ticks.push_back(value);
  }
  return ticks;
}

std::string describe(const PowerCurves& all) {
  std::string text;
  for (const PowerCurve& curve : all.curves) {
    text += fmt::format("{}{} readers:", text.empty() ? "" : "; ", curve.n_readers);
    for (const auto& [cases, power] : curve.points) text += fmt::format(" {} cases {:.0f} %", cases, 100 * power);
  }
  return text;
}

}  // namespace

Plot power_curves_plot(const PowerCurves& all) {
  Plot plot{all.id, all.title, describe(all), 640, 360, {}};
  plot.marks.push_back(PlotLabel{kLeft, 14, all.title, Anchor::kStart, "b", ""});
  plot.marks.push_back(PlotBar{kLeft, kTop, kRight - kLeft, kBottom - kTop, "fr"});
  std::set<double> cases;
  for (const PowerCurve& curve : all.curves) {
    for (const auto& point : curve.points) cases.insert(point.first);
  }
  if (cases.empty()) return plot;
  const double least = std::log(*cases.begin()), most = std::max(std::log(*cases.rbegin()), least + 1e-9);
  const PlotAxis x{least, most, kLeft, kRight, ""}, y{0, 1, kBottom, kTop, "%"};
  for (const double power : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
    if (power > 0 && power < 1) plot.marks.push_back(PlotLine{kLeft, y.at(power), kRight, y.at(power), "gr"});
    plot.marks.push_back(PlotLabel{kLeft - 6, y.at(power) + 4, fmt::format("{:.0f}", 100 * power), Anchor::kEnd, "s", ""});
  }
  for (const double tick : spread_ticks(cases, x)) {
    plot.marks.push_back(PlotLine{x.at(std::log(tick)), kBottom, x.at(std::log(tick)), kBottom + 4, "ax"});
    plot.marks.push_back(PlotLabel{x.at(std::log(tick)), kBottom + 17, fmt::format("{}", tick), Anchor::kMiddle, "s", ""});
  }
  plot.marks.push_back(PlotLabel{kLeft, kTop - 6, "\u2191 power, %", Anchor::kStart, "s", ""});
  plot.marks.push_back(PlotLabel{kRight, kBottom + 36, "cases that count \u2192", Anchor::kEnd, "s", ""});
  plot.marks.push_back(PlotLine{kLeft, y.at(all.target), kRight, y.at(all.target), "marg"});
  for (const PowerCurve& curve : all.curves) {
    if (curve.points.empty()) continue;
    PlotPath path{{}, "lv"};
    for (const auto& [n, power] : curve.points) path.points.emplace_back(x.at(std::log(n)), y.at(power));
    std::ranges::sort(path.points);
    const auto end = path.points.back();
    for (const auto& [px, py] : path.points) plot.marks.push_back(PlotDot{px, py, 3, "pv"});
    plot.marks.push_back(std::move(path));
    plot.marks.push_back(PlotLabel{kRight + 8, end.second + 4, fmt::format("{} readers", curve.n_readers), Anchor::kStart, "", "readers"});
  }
  settle_labels(plot, "readers", kLabelHeight, kTop + 8, kBottom + 4);
  return plot;
}

}  // namespace rationale
