// Seeded orders: which of many films or findings are taken where not all can be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rationale::explain {

/// 0 … n - 1 in a random order (Fisher and Yates), the same for the same seed and purpose.
/// @param purpose  keeps orders of one seed apart
std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint64_t purpose);

/// The items of all strata in turn, those of one stratum in a shuffled order: whatever its length, a beginning holds each
/// stratum as often as the others, or all of it.
/// @param strata  of each item, any numbers  @return  all items, each once
std::vector<std::size_t> even_order(std::span<const std::int64_t> strata, std::uint64_t seed, std::uint64_t purpose);

}  // namespace rationale::explain
