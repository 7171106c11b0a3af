// A small random stream that gives the same numbers on every platform, keyed by (seed, index,
// purpose).
#pragma once

#include <cstdint>

namespace rationale::samples {

/// splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a counter, and a bijective hash of it.
class Stream {
 public:
  /// @param purpose  keeps streams of one image apart: drawing more labels leaves its pixels
  /// unchanged
  Stream(std::uint64_t seed, std::uint64_t index, std::uint64_t purpose);

  std::uint64_t next();
  /// In [0, 1): 53 bits.
  double uniform();
  double uniform(double low, double high);
  /// Standard normal by Box-Muller (Ann. Math. Stat. 29, 1958); pairs are used in full.
  double normal();
  bool bernoulli(double probability);

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace rationale::samples
