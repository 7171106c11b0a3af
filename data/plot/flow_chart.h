// The flow of a study from top to bottom: what stays in boxes, what is left out in boxes beside the way down.
#pragma once

#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct FlowBox {
  std::string title;
  std::vector<std::string> lines;
  std::vector<std::string> left_out;  ///< between the box before and this one, with reasons
};

struct FlowChart {
  std::string id, title, description;
  std::vector<FlowBox> boxes;
};

/// 532 px wide, as high as it needs; long lines are wrapped, words that fit nowhere are shortened.
Plot flow_chart_plot(const FlowChart& chart);

}  // namespace rationale
