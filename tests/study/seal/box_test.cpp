#include "study/seal/box.h"

#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/seal/reader_box.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("boxes and commitments are those of aead.json", "[study][seal][golden]") {
  const auto path = test::shared("golden/study/seal/aead.json", 3);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors.size() == 3);
  for (const auto& vector : vectors) {
    const auto text = [&vector](const char* name) { return vector[name].get<std::string>(); };
    INFO(text("kind"));
    const auto key = bytes_from_hex<32>(text("key"), "key");
    const auto nonce = bytes_from_hex<24>(text("nonce"), "nonce");
    const auto salt = bytes_from_hex<32>(text("salt"), "salt");
    const std::string box = text_from_hex(text("box"), "box");
    CHECK(seal_box(key, nonce, text("kind"), text("study"), text("plain")) == box);
    CHECK(open_box(key, nonce, text("kind"), text("study"), box) == text("plain"));
    CHECK(to_hex(commitment(salt, text("plain"))) == text("commit"));
  }
}

TEST_CASE("a box opens with its own key, nonce, kind, study and bytes only", "[study][seal][box]") {
  const BoxKey key = random_bytes<32>();
  const BoxNonce nonce = make_nonce();
  const std::string box = seal_box(key, nonce, "truth", "s1", "c001,1\n");
  REQUIRE(open_box(key, nonce, "truth", "s1", box) == "c001,1\n");
  BoxKey other_key = key;
  other_key[31] ^= 1;
  BoxNonce other_nonce = nonce;
  other_nonce[0] ^= 128;
  CHECK_THROWS_AS(open_box(other_key, nonce, "truth", "s1", box), Error);
  CHECK_THROWS_AS(open_box(key, other_nonce, "truth", "s1", box), Error);
  CHECK_THROWS_AS(open_box(key, nonce, "seed", "s1", box), Error);
  CHECK_THROWS_AS(open_box(key, nonce, "truth", "s2", box), Error);
  CHECK_THROWS_AS(seal_box(key, nonce, std::string_view("a\0b", 3), "s", ""), Error);
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string changed = box;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    CHECK_THROWS_AS(open_box(key, nonce, "truth", "s1", changed), Error);
    CHECK_THROWS_AS(open_box(key, nonce, "truth", "s1", box.substr(0, i)), Error);
  }
}

TEST_CASE("what is sealed to a reader's Ed25519 key opens with that key only", "[study][seal][reader]") {
  const SigningKey reader = SigningKey::make();
  const std::string box = seal_to(reader.public_key(), "package key");
  CHECK(open_sealed(reader, box) == "package key");
  CHECK(seal_to(reader.public_key(), "package key") != box);  // each has a fresh sender key
  CHECK_THROWS_AS(open_sealed(SigningKey::make(), box), Error);
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string changed = box;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_THROWS_AS(open_sealed(reader, changed), Error);
  }
  CHECK_THROWS_AS(open_sealed(reader, "short"), Error);
  CHECK_THROWS_AS(seal_to(PublicKey{}, "x"), Error);  // a point of small order
}
