// lock.json: what was locked, signed by those who answer for it. Anybody can check it; it tells no secret.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/exchange/package.h"
#include "study/log/chain.h"

namespace rationale::study {

struct LockedPackage {
  std::string reader;
  int period = 1;
  PackageDigests sha256;   ///< as locked
  std::int64_t bytes = 0;
  int n_items = 0;
  std::string not_before;  ///< UTC
};

struct LockSignature {
  std::string role, signer;  ///< of the protocol's signatures; the key as hex
  std::string meaning;
  Signature signature{};
};

struct Certificate {
  std::string study_id;
  int protocol_version = 1;
  std::string protocol_sha256, cases_sha256, ai_sha256, allocation_sha256;
  std::string case_rows_sha256;   ///< of the store's list of cases (lock_store.h)
  std::string truth_commitment, ai_commitment, seed_commitment;  ///< hex
  std::string at, program;
  bool is_synthetic = false;
  PublicKey lock_key{};           ///< signed every package; its secret half is gone
  Bytes<32> data_key{};           ///< X25519: answers are sealed to it
  std::map<std::string, PublicKey> readers;
  std::map<std::string, PublicKey> custodians;
  int threshold = 1;
  std::vector<LockedPackage> packages;
  std::vector<LockSignature> signatures;

  /// What is signed:
  ///   "rationale/study/lock/v1" 0x00 || role 0x00 || meaning 0x00 || CJ-1 of all but the signatures
  std::string message(const std::string& role, const std::string& meaning) const;
  void sign(const SigningKey& key, const std::string& role, const std::string& meaning);
};

/// One line of CJ-1.
std::string to_text(const Certificate& certificate);

/// @throws Error (kInput, "bad_certificate") if it is malformed or a signature does not hold
Certificate parse_certificate(const std::string& text, const std::string& name);

/// Why the signatures are not the protocol's: one of each of `roles`, in order, with this meaning, each by a key
/// of its own; nothing if they are. Who holds the keys no file can say: people compare them.
std::optional<std::string> signature_fault(const Certificate& certificate, const std::vector<std::string>& roles,
                                           const std::string& meaning);

}  // namespace rationale::study
