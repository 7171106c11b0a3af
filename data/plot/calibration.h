// Confidence read as a probability against what was true, both arms in one square.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

/// One bin of readings.
struct CalibrationPoint {
  double said = 0, happened = 0;  ///< mean stated probability; share diseased; both 0 to 1
  std::size_t n = 0;              ///< readings
};

struct CalibrationChart {
  std::string id, title, description;
  std::string control_text, treated_text;  ///< direct labels, such as "visible 0.113"
  std::vector<CalibrationPoint> control, treated;
};

/// 340 × 328 px: a square of 0 to 100 % with its diagonal (stated as true); area of a dot: readings. Control ring and
/// dashed, treated filled and solid. A bin of fewer than 10 readings has a dot and is left out of the line.
Plot calibration_plot(const CalibrationChart& chart);

}  // namespace rationale
