#include "data/plot/intervals.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "data/plot/number_text.h"
#include "data/plot/text_box.h"

namespace rationale {

namespace {

/// A line with its dot. What lies beyond the axis is cut there and ends in an arrow head.
void draw_interval(Plot& plot, const Interval& interval, const PlotAxis& axis, double y,
                   const std::string& line, double radius, const std::string& dot) {
  const auto [left, right] = std::minmax(axis.start_px, axis.end_px);
  const double from = std::clamp(axis.at(interval.lower), left, right);
  const double to = std::clamp(axis.at(interval.upper), left, right);
  plot.marks.push_back(PlotLine{from, y, to, y, line});
  if (axis.at(interval.lower) < left - 0.05) {
    plot.marks.push_back(PlotPath{{{left + 5, y - 4}, {left, y}, {left + 5, y + 4}}, "head"});
  }
  if (axis.at(interval.upper) > right + 0.05) {
    plot.marks.push_back(PlotPath{{{right - 5, y - 4}, {right, y}, {right - 5, y + 4}}, "head"});
  }
  const double middle = axis.at(interval.estimate);
  if (middle >= left - 0.05 && middle <= right + 0.05) {
    plot.marks.push_back(PlotDot{middle, y, radius, dot});
  }
}

constexpr double kWidth = 748;
constexpr double kAxisStart = 160, kAxisEnd = 446;
constexpr double kDifferenceEnd = 500, kIntervalEnd = 628, kDfEnd = 682, kPEnd = 746;

void draw_columns(Plot& plot, const ForestColumns& columns, double y, bool is_thick) {
  const std::string style = is_thick ? "" : "s";
  plot.marks.push_back(
      PlotLabel{kDifferenceEnd, y, columns.difference, Anchor::kEnd, is_thick ? "b" : "s", ""});
  plot.marks.push_back(PlotLabel{kIntervalEnd, y, columns.interval, Anchor::kEnd, style, ""});
  plot.marks.push_back(PlotLabel{kDfEnd, y, columns.df, Anchor::kEnd, style, ""});
  plot.marks.push_back(PlotLabel{kPEnd, y, columns.p, Anchor::kEnd, style, ""});
}

void draw_words(Plot& plot, const std::string& words, double y) {
  if (words.empty()) return;
  plot.marks.push_back(
      PlotLabel{kPEnd, y, shorten(words, kPEnd - kAxisEnd - 4, 11, false), Anchor::kEnd, "ne", ""});
}

/// How far a group's values reach on both sides of zero, cut at ± most.
Interval reach(const ForestGroup& group) {
  Interval result{0, -1e-9, 1e-9};
  const auto widen = [&](double value) {
    if (group.most > 0) value = std::clamp(value, -group.most, group.most);
    result.lower = std::min(result.lower, value);
    result.upper = std::max(result.upper, value);
  };
  for (const ForestRow& row : group.rows) {
    for (const auto& interval : {row.thick, row.thin}) {
      if (!interval) continue;
      widen(interval->lower);
      widen(interval->upper);
      widen(interval->estimate);
    }
    if (row.margin) widen(1.15 * *row.margin);
  }
  return result;
}

/// Where zero stands: where the group with most rows wants it (the first at a tie), inside the
/// middle.
double zero_pixel(const std::vector<ForestGroup>& groups, const std::vector<Interval>& reaches) {
  std::size_t most_rows = 0;
  double share = 0.5;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].rows.size() <= most_rows) continue;
    most_rows = groups[g].rows.size();
    share = -reaches[g].lower / (reaches[g].upper - reaches[g].lower);
  }
  return kAxisStart + std::clamp(share, 0.15, 0.85) * (kAxisEnd - kAxisStart);
}

/// A group's axis through the common zero, as wide as its reach allows.
PlotAxis axis_through(double zero_px, const Interval& group_reach, const std::string& unit) {
  const double left = (zero_px - kAxisStart) / -group_reach.lower;
  const double right = (kAxisEnd - zero_px) / group_reach.upper;
  double px_per_unit = 0.96 * std::min(left, right);
  if (px_per_unit > 1e6) px_per_unit = (kAxisEnd - kAxisStart) / 10;  // nothing but zeros
  return {-(zero_px - kAxisStart) / px_per_unit, (kAxisEnd - zero_px) / px_per_unit, kAxisStart,
          kAxisEnd, unit};
}

void draw_axis(Plot& plot, const PlotAxis& axis, double top, double bottom) {
  const std::vector<double> ticks = round_ticks(axis.lower, axis.upper, 7);
  double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  int decimals = 0;
  while (decimals < 3 && std::fabs(step - std::round(step)) > 1e-6) step *= 10, ++decimals;
  double last = axis.start_px;
  for (const double tick : ticks) {
    const double x = axis.at(tick);
    plot.marks.push_back(PlotLine{x, top, x, bottom, "gr"});
    const PlotLabel label{x, bottom + 14, signed_text(tick, decimals), Anchor::kMiddle, "s", ""};
    last = std::max(last, text_box(label).right);
    plot.marks.push_back(label);
  }
  plot.marks.push_back(PlotLine{axis.at(0), top - 2, axis.at(0), bottom, "zero"});
  plot.marks.push_back(PlotLabel{last + 6, bottom + 14, axis.unit, Anchor::kStart, "s", ""});
}

}  // namespace

Plot interval_row(const Interval& interval, double lower, double upper, bool is_lead) {
  Plot plot;
  plot.width = 230;
  plot.height = 20;
  const PlotAxis axis{lower, upper, 6, 224, ""};
  plot.marks.push_back(PlotLine{axis.at(0), 0, axis.at(0), 20, "zero"});
  draw_interval(plot, interval, axis, 10, is_lead ? "ci1" : "ci2", is_lead ? 4.2 : 3.4, "pk");
  return plot;
}

Plot forest_plot(const Forest& forest) {
  Plot plot{forest.id, forest.title, forest.description, kWidth, 0, {}};
  std::vector<Interval> reaches;
  for (const ForestGroup& group : forest.groups) reaches.push_back(reach(group));
  const double zero = zero_pixel(forest.groups, reaches);

  // The sides of zero in long words where both fit, else in short ones, else not (the columns say
  // it too).
  const double room = kDifferenceEnd - text_width("difference", 11, false) - 8;
  for (const auto& [less_text, more_text] :
       {std::pair{forest.less, forest.more}, {forest.less_short, forest.more_short}}) {
    const PlotLabel less{zero - 8, 12, less_text, Anchor::kEnd, "s", ""};
    const PlotLabel more{zero + 8, 12, more_text, Anchor::kStart, "s", ""};
    if (text_box(less).left < 0 || text_box(more).right > room) continue;
    plot.marks.push_back(less);
    plot.marks.push_back(more);
    break;
  }
  plot.marks.push_back(PlotLabel{kDifferenceEnd, 12, "difference", Anchor::kEnd, "s", ""});
  plot.marks.push_back(PlotLabel{kIntervalEnd, 12, "95\u00a0% interval", Anchor::kEnd, "s", ""});
  plot.marks.push_back(PlotLabel{kDfEnd, 12, "df", Anchor::kEnd, "s", ""});
  plot.marks.push_back(PlotLabel{kPEnd, 12, "p", Anchor::kEnd, "s", ""});

  double y = 22;
  for (std::size_t g = 0; g < forest.groups.size(); ++g) {
    const ForestGroup& group = forest.groups[g];
    const PlotAxis axis = axis_through(zero, reaches[g], group.unit);
    const double bottom = y + 34 * static_cast<double>(group.rows.size());
    draw_axis(plot, axis, y, bottom);
    for (const ForestRow& row : group.rows) {
      plot.marks.push_back(PlotLabel{0, y + (row.margin ? 14 : 19), shorten(row.name, kAxisStart - 12, 12, true),
                                     Anchor::kStart, "b", ""});
      if (row.margin) {
        const double x = axis.at(*row.margin);
        plot.marks.push_back(PlotLine{x, y + 1, x, y + 33, "marg"});
        // Under the row's name: beside the line it would lie on the thin interval.
        plot.marks.push_back(PlotLabel{0, y + 28.5, row.margin_text, Anchor::kStart, "tw", ""});
      }
      if (row.thick) {
        draw_interval(plot, *row.thick, axis, y + 12, "ci1", 4.6, "pk");
        draw_columns(plot, row.thick_columns, y + 15, true);
      } else {
        draw_words(plot, row.thick_words, y + 15);
      }
      if (row.thin) {
        draw_interval(plot, *row.thin, axis, y + 25, "ci2", 2.8, "ps");
        draw_columns(plot, row.thin_columns, y + 29, false);
      } else {
        draw_words(plot, row.thin_words, y + 29);
      }
      y += 34;
    }
    y = bottom + 36;
  }
  plot.height = forest.groups.empty() ? 24 : y - 14;
  return plot;
}

}  // namespace rationale
