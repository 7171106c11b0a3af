#include "study/seal/reader_box.h"

#include <sodium.h>

#include "data/base/error.h"

namespace rationale::study {
namespace {

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bytes<crypto_box_PUBLICKEYBYTES> box_key_of(const PublicKey& reader) {
  start_sodium();
  Bytes<crypto_box_PUBLICKEYBYTES> key{};
  if (crypto_sign_ed25519_pk_to_curve25519(key.data(), reader.data()) != 0) {
    throw Error(Error::Kind::kInput, "not a usable Ed25519 public key", to_hex(reader),
                "ask its owner for the line that `rationale read --make-key` printed")
        .with_code("bad_key");
  }
  return key;
}

}  // namespace

std::string seal_to(const PublicKey& reader, std::string_view plain) {
  const auto key = box_key_of(reader);
  std::string box(plain.size() + crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal(reinterpret_cast<unsigned char*>(box.data()), as_bytes(plain), plain.size(),
                      key.data()) != 0) {
    throw Error(Error::Kind::kInput, "nothing can be sealed to this key", to_hex(reader))
        .with_code("bad_key");
  }
  return box;
}

std::string open_sealed(const SigningKey& reader, std::string_view box) {
  const auto key = box_key_of(reader.public_key());
  Bytes<crypto_box_SECRETKEYBYTES> secret{};
  crypto_sign_ed25519_sk_to_curve25519(secret.data(), reader.secret_key().data());
  std::string plain(box.size() < crypto_box_SEALBYTES ? 0 : box.size() - crypto_box_SEALBYTES, '\0');
  const bool is_open =
      box.size() >= crypto_box_SEALBYTES &&
      crypto_box_seal_open(reinterpret_cast<unsigned char*>(plain.data()), as_bytes(box),
                           box.size(), key.data(), secret.data()) == 0;
  sodium_memzero(secret.data(), secret.size());
  if (!is_open) {
    throw Error(Error::Kind::kInput, "the sealed box does not open with this key",
                to_hex(reader.public_key()), "check that it was made for this key")
        .with_code("box_refused");
  }
  return plain;
}

}  // namespace rationale::study
