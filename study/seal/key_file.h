// A signing key on disk, behind a passphrase.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "study/log/chain.h"

namespace rationale::study {

/// What one guess at the passphrase costs (Argon2id, RFC 9106, one lane).
struct Argon2Cost {
  int passes = 3;
  std::size_t memory_bytes = std::size_t{256} << 20;  ///< libsodium's "moderate"
};

/// One line of CJ-1, mode 0600: {"box", "format": 1, "kdf": "argon2id13", "memory_bytes", "nonce",
/// "passes", "public_key", "salt"}; the box (box.h, kind "signing_key", study = "public_key passes
/// memory_bytes") holds the key's 32 secret bytes.
/// @throws Error (kInput) for an empty passphrase; (kRefused, "exists") if the file is there: a key is never
///   written over; (kEnvironment) if it cannot be written or the memory is not to be had
void write_key_file(const std::filesystem::path& path, const SigningKey& key,
                    std::string_view passphrase, const Argon2Cost& cost = {});

/// @throws Error (kInput, "box_refused") for a wrong passphrase or a changed file; (kInput, "bad_key_file")
///   for another file, or one that asks for more than 1 GiB or 20 passes; (kRefused, "not_private") if
///   others may read it
SigningKey read_key_file(const std::filesystem::path& path, std::string_view passphrase);

}  // namespace rationale::study
