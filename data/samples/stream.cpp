#include "data/samples/stream.h"

#include <cmath>
#include <numbers>

namespace rationale::samples {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Stream::Stream(std::uint64_t seed, std::uint64_t index, std::uint64_t purpose)
    : state_(mix(mix(mix(seed + kStep) + purpose + kStep) + index + kStep)) {}

std::uint64_t Stream::next() {
  state_ += kStep;
  return mix(state_);
}

double Stream::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Stream::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Stream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is never 0
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

bool Stream::bernoulli(double probability) { return uniform() < probability; }

}  // namespace rationale::samples
