// Rounded terms that still add up.
#pragma once

#include <string>
#include <vector>

namespace rationale::concepts {

/// Terms in units of 10^-decimals whose sum is `total` (in those units): the largest-remainder method. A
/// term moves by less than one unit, save where `total` itself was rounded further away.
std::vector<long long> round_to_total(const std::vector<double>& terms, long long total,
                                      int decimals);

/// Decimals at which the largest of the terms has two digits: 1 from 1 logit up, at most 6.
int decimals_for(const std::vector<double>& terms);

/// "2.1", "-0.3"; with `sign`, "+2.1". Never "-0.0".
enum class Sign { kNegativeOnly, kAlways };
std::string fixed(long long units, int decimals, Sign sign = Sign::kNegativeOnly);

}  // namespace rationale::concepts
