// One key, n shares, any k of them give it back (Shamir, Comm. ACM 1979).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rationale::study {

/// Byte by byte over GF(2^8) with polynomial 0x11B: f(x) = secret + c1 x + … + c(k-1) x^(k-1).
/// A share is the byte x (1..n), then f(x) of each byte.
/// @param coefficients  c1, c2, … in order, k-1 of them, each as long as the secret: fresh random bytes
/// @return  n shares
/// @throws Error (kInput) for an empty secret, n outside k..255, coefficients of another length
std::vector<std::string> split_secret(std::string_view secret,
                                      std::span<const std::string> coefficients, int n_shares);

/// The same with k-1 coefficients from the system's random numbers.
std::vector<std::string> split_secret(std::string_view secret, int threshold, int n_shares);

/// Lagrange at 0. Too few shares give a wrong secret and **no error**: the tag of the box that it opens is
/// what refuses.
/// @throws Error (kInput) for no shares, shares of different lengths or without a byte, x = 0 or an x twice
std::string join_shares(std::span<const std::string> shares);

}  // namespace rationale::study
