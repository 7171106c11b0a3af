#include "study/allocation/stream.h"

#include <sodium.h>

#include <cassert>
#include <numeric>

namespace rationale::study {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlockBytes = 64, kBlocksAtOnce = 64;
constexpr std::uint64_t kRange = std::uint64_t{1} << 32;

}  // namespace

Digest seed_commitment(const Seed& seed) {
  const std::string_view pieces[] = {"rationale/study/seed-commit/v1\0"sv, as_text(seed.bytes)};
  return sha256_of(pieces);
}

Seed mix_seeds(std::span<const Seed> parts) {
  assert(!parts.empty());
  std::vector<std::string_view> pieces{"rationale/study/seed-mix/v1\0"sv};
  for (const Seed& part : parts) pieces.push_back(as_text(part.bytes));
  return {sha256_of(pieces)};
}

Stream::Stream(const Seed& seed, std::string_view label) {
  std::string message("rationale/study/stream/v1\0"sv);
  message += label;
  key_ = hmac_sha256(seed.bytes, message);
}

std::uint32_t Stream::u32() {
  if (position_ == buffer_.size()) {
    buffer_.assign(kBlockBytes * kBlocksAtOnce, 0);
    const unsigned char nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {};
    // Zeros, encrypted from a block's number on, are the keystream from there.
    crypto_stream_chacha20_ietf_xor_ic(buffer_.data(), buffer_.data(), buffer_.size(), nonce,
                                       block_, key_.data());
    block_ += kBlocksAtOnce;
    position_ = 0;
  }
  std::uint32_t value = 0;
  for (int k = 3; k >= 0; --k) value = value << 8 | buffer_[position_ + static_cast<std::size_t>(k)];
  position_ += 4;
  ++words_;
  return value;
}

std::uint32_t Stream::bounded(std::uint64_t n) {
  assert(n >= 1 && n <= kRange);
  if (n == 1) return 0;
  const std::uint64_t limit = kRange - kRange % n;
  std::uint64_t x = u32();
  while (x >= limit) x = u32();
  return static_cast<std::uint32_t>(x % n);
}

std::vector<int> Stream::permutation(int n) {
  std::vector<int> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0);
  shuffle(values);
  return values;
}

}  // namespace rationale::study
