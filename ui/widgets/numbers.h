// Numbers as windows show them: a real minus sign, and parts that add up after rounding.
#pragma once

#include <string>
#include <vector>

namespace rationale::ui {

/// Fixed decimals with − (U+2212); never "−0.00".
std::string plain_number(double value, int decimals = 2);
/// The same with + before positive values.
std::string signed_number(double value, int decimals = 2);

/// The parts, rounded to `decimals` so that they add up to the rounded total: each is rounded down
/// or up, those with the largest remainder up (largest-remainder method).
/// @pre the parts add up to `total` within half a unit of the last decimal
std::vector<double> rounded_to_sum(const std::vector<double>& parts, double total,
                                   int decimals = 2);

/// Round values (1, 2 or 5 times a power of ten apart) that cover [low, high], at most about `most`
/// of them. @pre low < high
std::vector<double> round_ticks(double low, double high, int most = 6);
/// Decimals that tell the ticks apart.
int tick_decimals(const std::vector<double>& ticks);

}  // namespace rationale::ui
