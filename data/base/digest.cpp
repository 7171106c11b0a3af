#include "data/base/digest.h"

#include <sodium.h>

#include <cstdint>
#include <fstream>
#include <vector>

#include "data/base/error.h"

namespace rationale {

struct Sha256::State {
  crypto_hash_sha256_state hash;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->hash); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::bytes(std::span<const std::byte> data) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(data.data()),
                            data.size());
  return *this;
}

Sha256& Sha256::text(std::string_view data) {
  return bytes(std::as_bytes(std::span(data.data(), data.size())));
}

Sha256& Sha256::field(std::string_view data) {
  std::array<unsigned char, 8> length{};
  std::uint64_t rest = data.size();
  for (unsigned char& byte : length) {
    byte = static_cast<unsigned char>(rest & 0xFF);
    rest >>= 8;
  }
  bytes(std::as_bytes(std::span(length)));
  return text(data);
}

std::string Sha256::hex() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state_->hash, digest.data());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return text.data();
}

std::string sha256_hex(std::span<const std::byte> data) { return Sha256().bytes(data).hex(); }
std::string sha256_hex(std::string_view data) { return Sha256().text(data).hex(); }

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    throw Error(Error::Kind::kInput, "cannot read the file", path.string(),
                "check that it exists and may be read");
  }
  Sha256 hash;
  std::vector<char> buffer(1 << 16);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.text({buffer.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad()) throw Error(Error::Kind::kInput, "reading stopped half way", path.string());
  return hash.hex();
}

}  // namespace rationale
