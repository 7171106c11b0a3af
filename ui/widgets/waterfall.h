// What makes a decision: from the reference, by one bar a contribution, to the logit. The sum line
// is always there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ui/widgets/canvas.h"

namespace rationale::ui {

struct WaterfallStep {
  enum class Kind { kReference, kConcept, kOther, kResidual, kDecision };
  Kind kind = Kind::kConcept;
  std::string name;
  std::string note;  ///< one short line below the name
  double value = 0;  ///< logit
  struct Range {
    double low = 0, high = 0;
  };
  std::optional<Range> error;  ///< of `value`, in logit
};

/// Reference first, decision last. `tolerance`: how far the sum may be from the decision.
struct Waterfall {
  std::vector<WaterfallStep> steps;
  std::string footnote;
  double tolerance = 1e-5;
};

/// Where each bar begins and ends, in logit: the running sum; the decision from 0 to its value.
struct WaterfallBar {
  double from = 0, to = 0;
};
std::vector<WaterfallBar> waterfall_bars(const Waterfall& waterfall);

/// The values as printed: two decimals that add up to the printed decision.
std::vector<double> printed_values(const Waterfall& waterfall);

/// "Adds up: 0.20 + 1.80 − 0.20 = 1.80", or what the sum is off by.
std::string sum_line(const Waterfall& waterfall);
bool adds_up(const Waterfall& waterfall);

/// Draws into `rect` (without card or title); row height follows the number of steps, 30 to 40.
/// Returns the height used, which `waterfall_height` tells before.
float draw_waterfall(Canvas& canvas, const Rect& rect, const Waterfall& waterfall);
float waterfall_height(Canvas& canvas, float width, float available, const Waterfall& waterfall);

}  // namespace rationale::ui
