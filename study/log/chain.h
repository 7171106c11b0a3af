// The hash chain of events, its signed heads (checkpoints) and the receipts that readers are shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "study/log/bytes.h"

namespace rationale::study {

using PublicKey = Bytes<32>;  ///< Ed25519
using Signature = Bytes<64>;  ///< Ed25519, detached

/// Where a chain stands: the number of its last event (0: none yet) and that event's hash.
struct Head {
  std::int64_t seq = 0;
  Digest hash{};
  bool operator==(const Head&) const = default;
};

/// h0 = SHA-256("rationale/study/chain/v1" 0x00 || chain_id): a chain's head before its first
/// event.
Head genesis(std::string_view chain_id);

/// The head after `payload`, the event number i = head.seq + 1 as CJ-1:
///   hi = SHA-256("rationale/study/event/v1" 0x00 || h(i-1) || u64be(i) || u32be(len) || payload)
/// Does not look into the payload. @throws Error (kInput) for a payload of 4 GiB or more
Head next_head(const Head& head, std::string_view payload);

/// The first 12 Crockford base32 characters of the head, "XXXX-XXXX-XXXX": short enough to be noted
/// on paper, long enough (60 bits) that another log will not give the same.
std::string receipt(const Digest& hash);

/// An Ed25519 pair; the secret half is wiped when the object goes.
class SigningKey {
 public:
  /// From 32 secret bytes (RFC 8032's "private key"); the same bytes give the same pair.
  explicit SigningKey(const Bytes<32>& seed);
  /// A fresh pair from the system's random numbers.
  static SigningKey make();
  ~SigningKey();
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  const PublicKey& public_key() const { return public_key_; }
  /// The 64 bytes that libsodium calls the secret key (seed, then public key).
  const Bytes<64>& secret_key() const { return secret_key_; }
  Signature sign(std::string_view message) const;

 private:
  PublicKey public_key_{};
  Bytes<64> secret_key_{};
};

bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature);

/// What is signed of a head:
///   "rationale/study/checkpoint/v1" 0x00 || u16be(len chain_id) || chain_id || u64be(i) || hi
/// @throws Error (kInput) for a chain id of more than 65535 bytes
std::string checkpoint_message(std::string_view chain_id, const Head& head);

/// A signed head as it lies in a file.
struct Checkpoint {
  std::string chain_id;
  Head head;
  Signature signature{};
  PublicKey key{};  ///< as the file says it; whoever needs to know who signed compares it

  /// The signature is `key`'s over exactly this chain and head.
  bool is_signed() const;
};

/// Reads {"checkpoint": hex of checkpoint_message, "signature": hex, "public_key": hex} (further
/// entries are ignored, save that "chain_id" must agree).
/// @param name  stands in messages
/// @throws Error (kInput, "bad_checkpoint") if something is missing or malformed
Checkpoint parse_checkpoint(std::string_view json, const std::string& name);

}  // namespace rationale::study
