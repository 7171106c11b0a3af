// The two orders that map metrics rest on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rationale::explain {

/// Positions by decreasing value; ties by increasing position, so that every machine deletes the same pixels.
std::vector<std::size_t> rank_order(std::span<const float> map);

/// Rank of each value from 1 for the smallest; equal values share the mean of their ranks.
std::vector<double> mid_ranks(std::span<const float> values);

/// Whether all values are equal: such a map orders nothing and points nowhere.
bool is_flat(std::span<const float> map);

}  // namespace rationale::explain
