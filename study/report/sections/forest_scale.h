// How a difference is printed in a forest: transformed from results.json's unit to the one on the page.
#pragma once

#include <cmath>
#include <optional>

#include "data/plot/intervals.h"
#include "data/plot/number_text.h"
#include "study/report/estimate.h"

namespace rationale::study {

using ForestScale = double (*)(double);

inline double as_percent(double value) { return 100 * value; }
inline double as_is(double value) { return value; }
inline double as_relative_percent(double log_ratio) { return 100 * std::expm1(log_ratio); }

inline std::optional<Interval> interval_of(const PrintedEstimate& estimate, ForestScale scale) {
  if (!estimate.is_estimable) return std::nullopt;
  return Interval{scale(*estimate.value), scale(estimate.lower), scale(estimate.upper)};
}

inline ForestColumns columns_of(const PrintedEstimate& estimate, ForestScale scale) {
  if (!estimate.is_estimable) return {};
  return {signed_text(scale(*estimate.value), 1), interval_text(scale(estimate.lower), scale(estimate.upper), 1, 1),
          df_text(estimate.df), p_text(estimate.p)};
}

}  // namespace rationale::study
