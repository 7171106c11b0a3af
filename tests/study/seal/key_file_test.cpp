#include "study/seal/key_file.h"

#include <sys/stat.h>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/log/private_file.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

// As cheap as Argon2id may be: these tests are about the file.
constexpr Argon2Cost kCheap{.passes = 1, .memory_bytes = 8192};

std::string code_of(const std::filesystem::path& path, const std::string& passphrase) {
  try {
    read_key_file(path, passphrase);
    return "opened";
  } catch (const Error& error) {
    return error.code;
  }
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a key comes back from its file with its passphrase only", "[study][seal][key]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "keys" / "r1.key";
  const SigningKey key = SigningKey::make();
  write_key_file(path, key, "correct horse", kCheap);
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path.parent_path()) == 0700);
  const SigningKey read = read_key_file(path, "correct horse");
  CHECK(read.public_key() == key.public_key());
  CHECK(is_signed_by(key.public_key(), "m", read.sign("m")));
  CHECK(code_of(path, "correct Horse") == "box_refused");
  CHECK(code_of(path, "") == "box_refused");
  CHECK(read_file(path).find(to_hex(std::span(key.secret_key()).first(32))) == std::string::npos);
}

TEST_CASE("a key file with any one byte changed does not open", "[study][seal][key]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "r1.key";
  write_key_file(path, SigningKey::make(), "p", kCheap);
  const std::string good = read_file(path);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string text = good;
    text[i] = static_cast<char>(text[i] ^ 1);
    // Where this makes another cost that is allowed, it is small: 8193 bytes, or no pass at all.
    write_private_file(path, text);
    INFO("byte " << i);
    CHECK(code_of(path, "p") != "opened");
  }
}

TEST_CASE("a key file that others may read, a link to one, and a second one of its name are refused",
          "[study][seal][key]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "r1.key";
  write_key_file(path, SigningKey::make(), "p", kCheap);
  CHECK_THROWS_AS(write_key_file(path, SigningKey::make(), "p", kCheap), Error);
  CHECK_THROWS_AS(write_key_file(folder.path() / "r2.key", SigningKey::make(), "", kCheap), Error);
  std::filesystem::create_symlink(path, folder.path() / "link.key");
  CHECK(code_of(folder.path() / "link.key", "p") == "cannot_read");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK(code_of(path, "p") == "not_private");
}

TEST_CASE("a key file that asks for too much memory is refused before any is taken",
          "[study][seal][key]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "r1.key";
  write_key_file(path, SigningKey::make(), "p", kCheap);
  std::string text = read_file(path);
  const std::string field = "\"memory_bytes\":8192";
  text.replace(text.find(field), field.size(), "\"memory_bytes\":1099511627776");
  write_private_file(path, text);
  CHECK(code_of(path, "p") == "bad_key_file");
}
