// One picture of numbers as a value: marks in drawing order, labels, and its text for those who
// cannot see it. It knows pixels only; the charts beside this file turn data into it, svg.h turns
// it into text.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rationale {

enum class Anchor { kStart, kMiddle, kEnd };

struct PlotLine {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  std::string style;  ///< a class of plot_css(), here and below
};

struct PlotPath {
  std::vector<std::pair<double, double>> points;  ///< px
  std::string style;
};

struct PlotDot {
  double x = 0, y = 0, radius = 0;
  std::string style;
};

struct PlotBar {
  double x = 0, y = 0, width = 0, height = 0;
  std::string style;
};

/// Text; y is the base line. Size: 12 px, 11 px where the style says "s" or "ne".
struct PlotLabel {
  double x = 0, y = 0;
  std::string text;
  Anchor anchor = Anchor::kStart;
  std::string style;
  std::string group;  ///< labels of one group keep apart (settle_labels); empty: stays where it is
};

using PlotMark = std::variant<PlotLine, PlotPath, PlotDot, PlotBar, PlotLabel>;

struct Plot {
  std::string id;     ///< unique on its page: [A-Za-z0-9-]
  std::string title;  ///< what is drawn
  std::string
      description;  ///< the numbers; empty: a decoration beside numbers in text (aria-hidden)
  double width = 0, height = 0;  ///< px
  std::vector<PlotMark> marks;
};

/// A straight axis: values [lower, upper] on pixels [start_px, end_px].
struct PlotAxis {
  double lower = 0, upper = 1, start_px = 0, end_px = 1;
  std::string unit;  ///< printed after the last tick

  double at(double value) const {
    return start_px + (value - lower) / (upper - lower) * (end_px - start_px);
  }
};

/// Round values (1, 2, 2.5, 5 × 10^k apart) within [lower, upper], at most `at_most` (>= 2) of
/// them.
std::vector<double> round_ticks(double lower, double upper, int at_most);

/// The smallest round value at or above `value` (> 0): of the ladder 1, 2, 3, 5, 10 × 10^k.
double round_up(double value);

/// Positions nearest to `wanted` (least squares) that keep their order, `distance` apart and within
/// [lower, upper]. Where they do not fit, the distance shrinks.
std::vector<double> keep_apart(const std::vector<double>& wanted, double distance, double lower,
                               double upper);

/// The collision rule: moves the labels of one group up and down until their base lines are
/// `distance` apart, within [lower, upper] (px).
void settle_labels(Plot& plot, const std::string& group, double distance, double lower,
                   double upper);

}  // namespace rationale
