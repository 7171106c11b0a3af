#include "study/seal/key_file.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <system_error>

#include "data/base/error.h"
#include "study/log/canonical.h"
#include "study/log/private_file.h"
#include "study/seal/box.h"

namespace rationale::study {
namespace {

constexpr std::string_view kKind = "signing_key";
constexpr std::size_t kLargestFile = 4096;
constexpr std::int64_t kMostMemory = std::int64_t{1} << 30;
constexpr std::int64_t kMostPasses = 20;
using Salt = Bytes<crypto_pwhash_argon2id_SALTBYTES>;

/// What the box is bound to: Argon2 rounds the memory, so a changed figure could still open it.
std::string bound(const std::string& owner, const Argon2Cost& cost) {
  return fmt::format("{} {} {}", owner, cost.passes, cost.memory_bytes);
}

[[noreturn]] void refuse(const std::string& what, const std::filesystem::path& path) {
  throw Error(Error::Kind::kInput, "not a key file: " + what, path.string(),
              "give the file that `rationale read --make-key` wrote")
      .with_code("bad_key_file");
}

BoxKey key_from(std::string_view passphrase, const Salt& salt, const Argon2Cost& cost) {
  start_sodium();
  BoxKey key{};
  if (crypto_pwhash_argon2id(key.data(), key.size(), passphrase.data(), passphrase.size(),
                             salt.data(), static_cast<unsigned long long>(cost.passes),
                             cost.memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    throw Error(Error::Kind::kEnvironment, "not enough memory to open or close a key file", "",
                "close other programs and try again")
        .with_code("out_of_memory");
  }
  return key;
}

std::string text_entry(const nlohmann::json& json, const char* name,
                       const std::filesystem::path& path) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) refuse(std::string(name) + " is missing", path);
  return found->get<std::string>();
}

std::int64_t number_entry(const nlohmann::json& json, const char* name, std::int64_t low,
                          std::int64_t high, const std::filesystem::path& path) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer() || *found < low || *found > high) {
    refuse(std::string(name) + " is missing or out of range", path);
  }
  return found->get<std::int64_t>();
}

}  // namespace

void write_key_file(const std::filesystem::path& path, const SigningKey& key,
                    std::string_view passphrase, const Argon2Cost& cost) {
  if (passphrase.empty()) {
    throw Error(Error::Kind::kInput, "the passphrase is empty", path.string(), "choose one");
  }
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    throw Error(Error::Kind::kRefused, "there is a file of this name, and a key is never replaced",
                path.string(), "choose another name")
        .with_code("exists");
  }
  const Salt salt = random_bytes<sizeof(Salt)>();
  const BoxNonce nonce = make_nonce();
  BoxKey box_key = key_from(passphrase, salt, cost);
  const std::string owner = to_hex(key.public_key());
  const std::string box =
      seal_box(box_key, nonce, kKind, bound(owner, cost), as_text(key.secret_key()).substr(0, 32));
  sodium_memzero(box_key.data(), box_key.size());
  const nlohmann::json json{
      {"box", to_hex({reinterpret_cast<const unsigned char*>(box.data()), box.size()})},
      {"format", 1},
      {"kdf", "argon2id13"},
      {"memory_bytes", cost.memory_bytes},
      {"nonce", to_hex(nonce)},
      {"passes", cost.passes},
      {"public_key", owner},
      {"salt", to_hex(salt)}};
  write_private_file(path, canonical_json(json) + "\n");
}

SigningKey read_key_file(const std::filesystem::path& path, std::string_view passphrase) {
  std::string text = read_private_file(path, kLargestFile);
  if (text.empty() || text.back() != '\n') refuse("it does not end with a line feed", path);
  text.pop_back();
  nlohmann::json json;
  try {
    json = parse_canonical(text);
  } catch (const Error& error) {
    refuse(error.what(), path);
  }
  if (!json.is_object()) refuse("no object", path);
  number_entry(json, "format", 1, 1, path);
  if (text_entry(json, "kdf", path) != "argon2id13") refuse("another kdf", path);
  const Argon2Cost cost{
      .passes = static_cast<int>(number_entry(json, "passes", 1, kMostPasses, path)),
      .memory_bytes = static_cast<std::size_t>(
          number_entry(json, "memory_bytes", crypto_pwhash_argon2id_MEMLIMIT_MIN, kMostMemory, path))};
  const std::string where = path.string();
  const auto salt = bytes_from_hex<sizeof(Salt)>(text_entry(json, "salt", path), where);
  const auto nonce = bytes_from_hex<24>(text_entry(json, "nonce", path), where);
  const std::string owner = text_entry(json, "public_key", path);
  const std::string box = text_from_hex(text_entry(json, "box", path), where);

  BoxKey box_key = key_from(passphrase, salt, cost);
  std::string secret;
  try {
    secret = open_box(box_key, nonce, kKind, bound(owner, cost), box);
  } catch (const Error& error) {
    throw Error(Error::Kind::kInput, "the passphrase does not open this key file, or the file was changed", where,
                "type the passphrase that the key was made with")
        .with_code(error.code);
  }
  sodium_memzero(box_key.data(), box_key.size());
  if (secret.size() != 32) refuse("the secret has another length", path);
  Bytes<32> seed{};
  std::copy_n(secret.begin(), seed.size(), seed.begin());
  sodium_memzero(secret.data(), secret.size());
  const SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  if (to_hex(key.public_key()) != owner) refuse("public and secret half do not belong together", path);
  return key;
}

}  // namespace rationale::study
