// SHA-256 of bytes, files and streams: the key of every stored result.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rationale {

/// A running SHA-256 (FIPS 180-4). Values of several fields are framed by their length with `field`,
/// so that ("ab","c") and ("a","bc") differ.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& bytes(std::span<const std::byte> data);
  Sha256& text(std::string_view data);
  /// Eight bytes of length (little endian), then the bytes.
  Sha256& field(std::string_view data);

  /// 64 lower-case hex digits. The object is spent afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::span<const std::byte> data);
std::string sha256_hex(std::string_view data);

/// @throws Error (kInput) if the file cannot be read
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace rationale
