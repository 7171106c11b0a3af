// What all engine benchmarks share: the time of one piece of work, and the median of several.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "data/base/interrupt.h"

namespace rationale::ui {

/// @pre not empty
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// Wall time. @throws Interrupted before it begins
template <typename Work>
double milliseconds(const Work& work) {
  check_interrupt();
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace rationale::ui
