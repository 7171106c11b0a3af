// Charts of differences with their intervals: one row in a table, and all end points under one zero
// line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct Interval {
  double estimate = 0, lower = 0, upper = 0;  ///< lower <= upper, finite
};

/// A decoration beside the same numbers in text: 230 × 20 px, an upright line at zero. Limits
/// beyond the axis end in an arrow head. @pre lower < 0 < upper
Plot interval_row(const Interval& interval, double lower, double upper, bool is_lead);

/// The texts in the columns of one line of the forest.
struct ForestColumns {
  std::string difference, interval, df, p;
};

/// An end point: a thick line over a thin one, each with its columns, or words in their place.
struct ForestRow {
  std::string name;
  std::optional<Interval> thick, thin;  ///< in the group's unit
  ForestColumns thick_columns, thin_columns;
  std::string thick_words, thin_words;  ///< said where the interval is missing
  std::optional<double> margin;         ///< dashed
  std::string margin_text;
};

/// Rows with one unit and one axis; all groups share the pixel of zero.
struct ForestGroup {
  std::string unit;
  std::vector<ForestRow> rows;
  double most = 0;  ///< values beyond ± most are cut off with an arrow head; 0: none are
};

struct Forest {
  std::string id, title, description;
  std::string less, more;              ///< what the two sides of zero mean
  std::string less_short, more_short;  ///< the same where the long words do not both fit
  std::vector<ForestGroup> groups;
};

/// 748 px wide; 34 px a row and 36 px a group.
Plot forest_plot(const Forest& forest);

}  // namespace rationale
