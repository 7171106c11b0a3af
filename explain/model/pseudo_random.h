// Random numbers that are the same on every machine, device and with any number of threads.
#pragma once

#include <cstdint>

#include "data/arrays/array.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

/// splitmix64 (Steele et al., OOPSLA 2014): the next 64 bits.
std::uint64_t next_random(std::uint64_t& state);

/// Uniform in [0, 1), 53 bits.
double next_uniform(std::uint64_t& state);

/// About normal (the sum of four uniform numbers, mean 0, variance 1, |v| < 3.5). float32 on the CPU.
at::Tensor pseudo_random(const Shape& shape, std::uint64_t seed);

}  // namespace rationale::explain
