// Fixed runs of bytes (digests, keys, signatures), their hex, and the start of libsodium.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rationale::study {

template <std::size_t N>
using Bytes = std::array<unsigned char, N>;
using Digest = Bytes<32>;  ///< SHA-256

/// Lower-case hex, two digits a byte.
std::string to_hex(std::span<const unsigned char> bytes);

/// Fills `bytes` from exactly 2 x size lower-case hex digits; false (bytes undefined) for anything
/// else.
bool from_hex(std::string_view hex, std::span<unsigned char> bytes);

/// @param where  stands in the message: the field that holds the hex
/// @throws Error (kInput, "bad_hex") unless `hex` is 2N lower-case hex digits
template <std::size_t N>
Bytes<N> bytes_from_hex(std::string_view hex, const std::string& where);

/// As above, of any length. @throws Error (kInput, "bad_hex")
std::string text_from_hex(std::string_view hex, const std::string& where);

[[noreturn]] void throw_bad_hex(const std::string& where, std::size_t n_bytes);

template <std::size_t N>
Bytes<N> bytes_from_hex(std::string_view hex, const std::string& where) {
  Bytes<N> bytes{};
  if (!from_hex(hex, bytes)) throw_bad_hex(where, N);
  return bytes;
}

/// SHA-256 of the pieces one after the other, without lengths between.
Digest sha256_of(std::span<const std::string_view> pieces);

/// HMAC-SHA-256(key, message) (RFC 2104).
Digest hmac_sha256(std::span<const unsigned char> key, std::string_view message);

/// The bytes as text that may hold zeros.
std::string_view as_text(std::span<const unsigned char> bytes);

/// `value` in eight bytes, most significant first; likewise four and two.
std::string big_endian_64(std::uint64_t value);
std::string big_endian_32(std::uint32_t value);
std::string big_endian_16(std::uint16_t value);

/// The first `n` characters of Crockford's base32 (0-9 A-Z without I L O U), most significant bits
/// first.
/// @pre 5 n <= 8 bytes.size()
std::string crockford_base32(std::span<const unsigned char> bytes, std::size_t n);

/// Before the first use of keys or random numbers; cheap when repeated; any thread.
/// @throws Error (kEnvironment) if libsodium finds no source of random numbers
void start_sodium();

/// Random bytes of the operating system.
void fill_random(std::span<unsigned char> bytes);
template <std::size_t N>
Bytes<N> random_bytes() {
  Bytes<N> bytes{};
  fill_random(bytes);
  return bytes;
}

}  // namespace rationale::study
