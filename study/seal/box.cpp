#include "study/seal/box.h"

#include <sodium.h>

#include <array>

#include "data/base/error.h"

namespace rationale::study {
namespace {

constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(sizeof(BoxKey) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(sizeof(BoxNonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string associated_data(std::string_view kind, std::string_view study_id) {
  if (kind.find('\0') != std::string_view::npos) {
    throw Error(Error::Kind::kInput, "the kind of a box holds a zero byte");
  }
  std::string data(kind);
  data += '\0';
  data += study_id;
  return data;
}

}  // namespace

std::string seal_box(const BoxKey& key, const BoxNonce& nonce, std::string_view kind,
                     std::string_view study_id, std::string_view plain) {
  const std::string data = associated_data(kind, study_id);
  std::string box(plain.size() + kTagBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(as_bytes(box), nullptr, as_bytes(plain), plain.size(),
                                             as_bytes(data), data.size(), nullptr, nonce.data(),
                                             key.data());
  return box;
}

std::string open_box(const BoxKey& key, const BoxNonce& nonce, std::string_view kind,
                     std::string_view study_id, std::string_view box) {
  const std::string data = associated_data(kind, study_id);
  std::string plain(box.size() < kTagBytes ? 0 : box.size() - kTagBytes, '\0');
  if (box.size() < kTagBytes ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(as_bytes(plain), nullptr, nullptr, as_bytes(box),
                                                 box.size(), as_bytes(data), data.size(),
                                                 nonce.data(), key.data()) != 0) {
    throw Error(Error::Kind::kInput, "the sealed box does not open",
                std::string(kind) + " of " + std::string(study_id),
                "check that it is the right key (or enough shares) and an unchanged file")
        .with_code("box_refused");
  }
  return plain;
}

BoxNonce make_nonce() { return random_bytes<24>(); }

Digest commitment(const Bytes<32>& salt, std::string_view plain) {
  const std::array<std::string_view, 2> pieces{as_text(salt), plain};
  return sha256_of(pieces);
}

}  // namespace rationale::study
