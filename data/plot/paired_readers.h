// Two arms, one line a reader: what every reader did without and with it, from zero up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

struct PairedReader {
  std::string name;
  double control = 0, treated = 0;  ///< proportions, 0 to 1
  std::string counts;               ///< "25 → 22"
};

struct PairedReaders {
  std::string id, title, description, caption;
  std::string control, treated;  ///< the arms' names
  std::vector<PairedReader> readers;
  std::optional<PairedReader> mean;  ///< drawn bold; counts unused
};

/// 372 px wide, 322 px high or higher (16 px a label): rates left and right, at least 15 px apart,
/// with a thin leader where a label had to move. The scale starts at zero and ends above the
/// largest rate.
Plot paired_readers_plot(const PairedReaders& chart);

}  // namespace rationale
