// Two arms, one line a reader: what every reader did without and with it. A reader of one arm is a dot in that arm.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

/// A value of the chart's unit in each arm; nothing: not read there.
struct PairedReader {
  std::string name;
  std::optional<double> control, treated;
  std::string counts;  ///< "25 → 22"; only beside a value on the right
};

/// How values are printed, and where the scale starts: at zero; proportions (as per cent), areas and points of 100 of
/// which none is below the half at the half, areas below it at the round tenth.
enum class PairedUnit { kProportion, kArea, kPoints, kSeconds };

struct PairedReaders {
  std::string id, title, description, caption;
  std::string control, treated;  ///< the arms' names
  std::vector<PairedReader> readers;
  std::optional<PairedReader> mean;  ///< drawn bold; counts unused
  PairedUnit unit = PairedUnit::kProportion;
};

/// 372 px wide, 322 px high or higher (16 px a label): values left and right, at least 15 px apart,
/// with a thin leader where a label had to move. The scale ends at a round value above the largest one.
Plot paired_readers_plot(const PairedReaders& chart);

}  // namespace rationale
