// How alike a map stays while a model's weights are replaced by noise, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct CascadeLine {
  std::string name;            ///< "HiResCAM 0.16"
  std::vector<double> values;  ///< 0 to 1, one a stage
  bool is_lead = false;        ///< solid and filled; others dashed and hollow
};

struct Cascade {
  std::string id, title, description, caption;
  std::vector<std::string> stages;  ///< names below the axis
  std::vector<CascadeLine> lines;   ///< as many values as stages
  double limit = 0;                 ///< dashed
  std::string limit_text;
};

/// 532 × 266 px. Stages stand at even distances.
Plot cascade_plot(const Cascade& chart);

}  // namespace rationale
