// Rates in two arms on one scale of 0 to 100 %, a row each: hollow without, filled with.
#pragma once

#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct SplitRow {
  std::string name;                 ///< "AI right"
  std::string counts;               ///< "79 → 51 of 459"
  double control = 0, treated = 0;  ///< proportions
  std::string difference;           ///< "−6.1 pp"
  std::string interval;             ///< "(−10.0 to −2.2)", or a word in its place
  bool is_wrong_direction = false;  ///< drawn in the colour of warnings
};

struct SplitGroup {
  std::string name;  ///< "False-positive rate"
  std::vector<SplitRow> rows;
};

struct SplitRates {
  std::string id, title, description, caption;
  std::string control, treated, scale;  ///< arms' names; what is a share of what
  std::vector<SplitGroup> groups;
};

/// 532 px wide; 24 px a heading and 26 px a row.
Plot split_rates_plot(const SplitRates& chart);

}  // namespace rationale
