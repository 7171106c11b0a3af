// How sure readers were, and how often wrong: ratings of both arms, normals up and diseased down.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct ScorePanel {
  std::string arm;
  bool is_treated = false;
  std::vector<std::size_t> normal,
      diseased;                         ///< readings per bin, as many as there are edges less one
  std::string false_positives, missed;  ///< "92 false positives", "108 missed"; may be empty
};

struct ScoreHistogram {
  std::string id, title, description, caption;
  std::vector<double> edges;  ///< of the bins, increasing
  std::vector<double> ticks;  ///< values named below
  bool is_signed = false;     ///< the sign is the call: a line at zero
  std::vector<ScorePanel> panels;
};

/// 532 px wide (two panels of 252 px, or one), 246 px high; one scale for all bars.
Plot score_histogram_plot(const ScoreHistogram& chart);

}  // namespace rationale
