#include "study/log/chain.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/base/error.h"

namespace rationale::study {
namespace {

// The sizes include the 0x00 that ends each label.
constexpr std::string_view kGenesisLabel("rationale/study/chain/v1\0", 25);
constexpr std::string_view kEventLabel("rationale/study/event/v1\0", 25);
constexpr std::string_view kCheckpointLabel("rationale/study/checkpoint/v1\0", 30);

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void refuse_checkpoint(const std::string& what, const std::string& name) {
  throw Error(Error::Kind::kInput, "not a checkpoint: " + what, name,
              "give the checkpoint file that was written when the log was signed")
      .with_code("bad_checkpoint");
}

std::string hex_entry(const nlohmann::json& json, const char* key, const std::string& name) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    refuse_checkpoint(std::string("\"") + key + "\" is missing", name);
  }
  return found->get<std::string>();
}

}  // namespace

Head genesis(std::string_view chain_id) {
  const std::array<std::string_view, 2> pieces{kGenesisLabel, chain_id};
  return {0, sha256_of(pieces)};
}

Head next_head(const Head& head, std::string_view payload) {
  if (payload.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Error::Kind::kInput, "an event of 4 GiB or more");
  }
  const std::int64_t seq = head.seq + 1;
  const std::string number = big_endian_64(static_cast<std::uint64_t>(seq));
  const std::string length = big_endian_32(static_cast<std::uint32_t>(payload.size()));
  const std::array<std::string_view, 5> pieces{kEventLabel, as_text(head.hash), number, length,
                                               payload};
  return {seq, sha256_of(pieces)};
}

std::string receipt(const Digest& hash) {
  const std::string text = crockford_base32(hash, 12);
  return text.substr(0, 4) + "-" + text.substr(4, 4) + "-" + text.substr(8, 4);
}

SigningKey::SigningKey(const Bytes<32>& seed) {
  static_assert(sizeof(PublicKey) == crypto_sign_PUBLICKEYBYTES);
  static_assert(sizeof(Signature) == crypto_sign_BYTES);
  static_assert(sizeof(secret_key_) == crypto_sign_SECRETKEYBYTES);
  start_sodium();
  crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
}

SigningKey SigningKey::make() {
  Bytes<32> seed = random_bytes<32>();
  SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_key_.data(), secret_key_.size()); }

Signature SigningKey::sign(std::string_view message) const {
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, as_bytes(message), message.size(),
                       secret_key_.data());
  return signature;
}

bool is_signed_by(const PublicKey& key, std::string_view message, const Signature& signature) {
  start_sodium();
  return crypto_sign_verify_detached(signature.data(), as_bytes(message), message.size(),
                                     key.data()) == 0;
}

std::string checkpoint_message(std::string_view chain_id, const Head& head) {
  if (chain_id.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw Error(Error::Kind::kInput, "a chain id of more than 65535 bytes");
  }
  std::string message(kCheckpointLabel);
  message += big_endian_16(static_cast<std::uint16_t>(chain_id.size()));
  message += chain_id;
  message += big_endian_64(static_cast<std::uint64_t>(head.seq));
  message += as_text(head.hash);
  return message;
}

bool Checkpoint::is_signed() const {
  return is_signed_by(key, checkpoint_message(chain_id, head), signature);
}

Checkpoint parse_checkpoint(std::string_view text, const std::string& name) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) refuse_checkpoint("no JSON object", name);
  Checkpoint checkpoint;
  checkpoint.signature =
      bytes_from_hex<64>(hex_entry(json, "signature", name), name + ", signature");
  checkpoint.key = bytes_from_hex<32>(hex_entry(json, "public_key", name), name + ", public_key");

  const std::string message =
      text_from_hex(hex_entry(json, "checkpoint", name), name + ", checkpoint");
  const std::size_t fixed = kCheckpointLabel.size() + 2 + 8 + sizeof(Digest);
  if (message.size() < fixed || !message.starts_with(kCheckpointLabel)) {
    refuse_checkpoint("the signed bytes do not begin as they must", name);
  }
  checkpoint.chain_id = message.substr(kCheckpointLabel.size() + 2, message.size() - fixed);
  const std::size_t tail = message.size() - 8 - sizeof(Digest);
  std::uint64_t seq = 0;
  for (std::size_t i = 0; i < 8; ++i) seq = seq << 8 | as_bytes(message)[tail + i];
  checkpoint.head.seq = static_cast<std::int64_t>(seq);
  std::copy_n(as_bytes(message) + tail + 8, sizeof(Digest), checkpoint.head.hash.begin());
  // Also finds a length that does not fit the chain id, and a number beyond 2^63 - 1.
  if (checkpoint.head.seq < 0 ||
      checkpoint_message(checkpoint.chain_id, checkpoint.head) != message) {
    refuse_checkpoint("the signed bytes contradict themselves", name);
  }
  if (json.contains("chain_id") && json["chain_id"] != checkpoint.chain_id) {
    refuse_checkpoint("\"chain_id\" is not the chain that was signed", name);
  }
  return checkpoint;
}

}  // namespace rationale::study
