#include "study/seal/shamir.h"

#include <sodium.h>

#include <array>

#include "data/base/error.h"
#include "study/log/bytes.h"

namespace rationale::study {
namespace {

using Byte = unsigned char;

/// Product in GF(2^8), polynomial 0x11B; the same steps whatever the values (no table, no branch).
Byte times(Byte a, Byte b) {
  unsigned product = 0, factor = a;
  for (int bit = 0; bit < 8; ++bit) {
    product ^= factor & (0u - (static_cast<unsigned>(b) >> bit & 1u));
    factor = (factor << 1) ^ (0x11Bu & (0u - (factor >> 7 & 1u)));
  }
  return static_cast<Byte>(product);
}

/// 1 / a = a^254; 0 for 0.
Byte inverse(Byte a) {
  Byte result = 1;
  for (int i = 0; i < 254; ++i) result = times(result, a);
  return result;
}

Byte byte_at(std::string_view text, std::size_t i) { return static_cast<Byte>(text[i]); }

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Error::Kind::kInput, what, "shares of a key").with_code("bad_shares");
}

}  // namespace

std::vector<std::string> split_secret(std::string_view secret,
                                      std::span<const std::string> coefficients, int n_shares) {
  const int threshold = static_cast<int>(coefficients.size()) + 1;
  if (secret.empty()) refuse("an empty secret cannot be shared");
  if (n_shares < threshold || n_shares > 255) refuse("shares must be between the threshold and 255");
  for (const std::string& c : coefficients) {
    if (c.size() != secret.size()) refuse("a coefficient is not as long as the secret");
  }
  std::vector<std::string> shares;
  for (int x = 1; x <= n_shares; ++x) {
    std::string share(1, static_cast<char>(x));
    for (std::size_t i = 0; i < secret.size(); ++i) {
      Byte value = 0;  // Horner, from the highest power down
      for (std::size_t c = coefficients.size(); c-- > 0;) {
        value = times(value ^ byte_at(coefficients[c], i), static_cast<Byte>(x));
      }
      share += static_cast<char>(value ^ byte_at(secret, i));
    }
    shares.push_back(std::move(share));
  }
  return shares;
}

std::vector<std::string> split_secret(std::string_view secret, int threshold, int n_shares) {
  if (threshold < 1 || threshold > 255) refuse("the threshold must be between 1 and 255");
  std::vector<std::string> coefficients(static_cast<std::size_t>(threshold - 1),
                                        std::string(secret.size(), '\0'));
  for (std::string& c : coefficients) {
    fill_random({reinterpret_cast<unsigned char*>(c.data()), c.size()});
  }
  std::vector<std::string> shares = split_secret(secret, coefficients, n_shares);
  for (std::string& c : coefficients) sodium_memzero(c.data(), c.size());
  return shares;
}

std::string join_shares(std::span<const std::string> shares) {
  if (shares.empty() || shares.front().size() < 2) refuse("there is no share, or an empty one");
  std::array<bool, 256> is_seen{};
  for (const std::string& share : shares) {
    if (share.size() != shares.front().size()) refuse("the shares have different lengths");
    const Byte x = byte_at(share, 0);
    if (x == 0) refuse("a share with number 0");
    if (is_seen[x]) refuse("the same share twice");
    is_seen[x] = true;
  }
  std::string secret(shares.front().size() - 1, '\0');
  for (const std::string& share : shares) {
    Byte weight = 1;  // product over the others of x_j / (x_j - x_i); minus is exclusive or
    for (const std::string& other : shares) {
      if (&other == &share) continue;
      const Byte difference = byte_at(other, 0) ^ byte_at(share, 0);
      weight = times(weight, times(byte_at(other, 0), inverse(difference)));
    }
    for (std::size_t i = 0; i < secret.size(); ++i) {
      secret[i] = static_cast<char>(byte_at(secret, i) ^ times(weight, byte_at(share, i + 1)));
    }
  }
  return secret;
}

}  // namespace rationale::study
