// Reproducible random streams: one for each purpose, so that no list shifts another's numbers.
// golden/study, section 1: the same numbers on every platform, for ever (format 1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "study/log/bytes.h"

namespace rationale::study {

/// 32 random bytes from which the whole allocation follows. Secret until unblinding.
struct Seed {
  Bytes<32> bytes{};
};

/// SHA-256("rationale/study/seed-commit/v1" 0x00 || seed): published at the lock.
Digest seed_commitment(const Seed& seed);

/// SHA-256("rationale/study/seed-mix/v1" 0x00 || s1 || … || sn): a seed that no contributor chose.
/// @pre each contributor committed to theirs before any was shown; at least one
Seed mix_seeds(std::span<const Seed> parts);

/// ChaCha20 (RFC 8439, counter from 0, nonce 0) under
/// HMAC-SHA-256(seed, "rationale/study/stream/v1" 0x00 || label).
class Stream {
 public:
  Stream(const Seed& seed, std::string_view label);

  /// The next 4 bytes, little-endian.
  std::uint32_t u32();
  /// Uniform on 0 .. n-1, without bias (rejection). n = 1 draws nothing. @pre 1 <= n <= 2^32
  std::uint32_t bounded(std::uint64_t n);

  /// Fisher-Yates from the end.
  template <typename Value>
  void shuffle(std::vector<Value>& values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[bounded(i + 1)]);
  }
  /// One cycle: with two values or more nobody keeps its place.
  template <typename Value>
  void sattolo(std::vector<Value>& values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[bounded(i)]);
  }
  /// 0 .. n-1, shuffled.
  std::vector<int> permutation(int n);

  const Digest& key() const { return key_; }
  std::size_t words_used() const { return words_; }

 private:
  Digest key_{};
  std::vector<unsigned char> buffer_;
  std::size_t position_ = 0;
  std::uint32_t block_ = 0;
  std::size_t words_ = 0;
};

}  // namespace rationale::study
