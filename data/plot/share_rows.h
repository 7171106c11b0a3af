// How much of a map lies inside the marked region, a row a finding, beside maps that know nothing of the model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/plot/intervals.h"
#include "data/plot/plot.h"

namespace rationale {

struct ShareRow {
  std::string name;             ///< "Cardiomegaly"
  std::string counts;           ///< "4 films"
  std::optional<double> share;  ///< proportion; none: `words` stand in its place
  std::optional<std::pair<double, double>> interval;
  std::optional<double> area, centre, edges;  ///< the same share of a uniform map, the centre, the edges
  std::string hits, hits_interval;            ///< "3 of 4", "30 to 95 %"
  std::string words;                          ///< "not estimable", in the place of a missing share
};

struct ShareRows {
  std::string id, title, description, caption;
  std::string hits_title;  ///< over the last column
  std::vector<ShareRow> rows;
};

/// 532 px wide; 34 px a row. Axis from 0 to a round value at or above the largest share, at least 10 %.
Plot share_rows_plot(const ShareRows& chart);

}  // namespace rationale
