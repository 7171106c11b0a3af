// Power over the number of cases, a line for each number of readers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct PowerCurve {
  int n_readers = 0;
  std::vector<std::pair<double, double>> points;  ///< (cases > 0, power 0 to 1)
};

struct PowerCurves {
  std::string id, title;
  double target = 0.8;  ///< dashed
  std::vector<PowerCurve> curves;
};

/// 640 × 360 px; cases on a logarithmic axis, power from 0 to 100 %, the readers named at the right end of each line.
Plot power_curves_plot(const PowerCurves& curves);

}  // namespace rationale
