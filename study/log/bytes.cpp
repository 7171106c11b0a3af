#include "study/log/bytes.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cassert>

#include "data/base/error.h"

namespace rationale::study {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string big_endian(std::uint64_t value, std::size_t n_bytes) {
  std::string bytes(n_bytes, '\0');
  for (std::size_t i = n_bytes; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
  return bytes;
}

}  // namespace

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xF];
  }
  return hex;
}

bool from_hex(std::string_view hex, std::span<unsigned char> bytes) {
  if (hex.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<unsigned char>(16 * high + low);
  }
  return true;
}

void throw_bad_hex(const std::string& where, std::size_t n_bytes) {
  throw Error(Error::Kind::kInput, fmt::format("{} lower-case hex digits are wanted", 2 * n_bytes),
              where, "give the value as it was written")
      .with_code("bad_hex");
}

std::string text_from_hex(std::string_view hex, const std::string& where) {
  std::string text(hex.size() / 2, '\0');
  if (!from_hex(hex, {reinterpret_cast<unsigned char*>(text.data()), text.size()})) {
    throw_bad_hex(where, text.size());
  }
  return text;
}

Digest sha256_of(std::span<const std::string_view> pieces) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const std::string_view piece : pieces) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(piece.data()),
                              piece.size());
  }
  Digest digest{};
  static_assert(sizeof digest == crypto_hash_sha256_BYTES);
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

Digest hmac_sha256(std::span<const unsigned char> key, std::string_view message) {
  start_sodium();
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(
      &state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  Digest digest{};
  crypto_auth_hmacsha256_final(&state, digest.data());
  return digest;
}

std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string big_endian_64(std::uint64_t value) { return big_endian(value, 8); }
std::string big_endian_32(std::uint32_t value) { return big_endian(value, 4); }
std::string big_endian_16(std::uint16_t value) { return big_endian(value, 2); }

std::string crockford_base32(std::span<const unsigned char> bytes, std::size_t n) {
  constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  assert(5 * n <= 8 * bytes.size());
  std::string text;
  unsigned bits = 0, n_bits = 0;
  std::size_t next = 0;
  while (text.size() < n) {
    if (n_bits < 5) {
      bits = (bits << 8 | bytes[next++]) & 0xFFFF;
      n_bits += 8;
    }
    n_bits -= 5;
    text += kAlphabet[(bits >> n_bits) & 31];
  }
  return text;
}

void start_sodium() {
  static const bool is_ready = sodium_init() >= 0;
  if (!is_ready) {
    throw Error(Error::Kind::kEnvironment, "libsodium finds no source of random numbers");
  }
}

void fill_random(std::span<unsigned char> bytes) {
  start_sodium();
  randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace rationale::study
