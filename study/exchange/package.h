// A package: one reader's cases of one period, each item sealed by itself. Format: docs/package-format.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/base/utc.h"
#include "study/log/chain.h"
#include "study/seal/box.h"
#include "study/session/item.h"

namespace rationale::study {

/// What a package says in the clear. No arm, case, code or truth.
struct PackageFacts {
  std::string study_id, reader;
  int period = 1;
  int n_items = 0;
  std::int64_t item_bytes = 0;  ///< of every sealed item: the same in the whole study
  std::string protocol_sha256;
  std::string not_before, made;  ///< UTC
  bool is_synthetic = false;
  PublicKey lock_key{};
  std::string body_sha256;       ///< of all that is sealed; filled in by the writer
  bool is_released = true;

  /// The chain of this package's events: "study/reader/pN".
  std::string chain_id() const;
};

/// What the package's reader learns when it opens.
struct PackageSecrets {
  std::string protocol_toml;
  Bytes<32> data_key{};  ///< X25519, public: answers are sealed to it
};

/// Writes a package beside `path` and renames it when it is whole.
class PackageWriter {
 public:
  /// @param lock_key  signs it; the sealed manifest pins its public half
  /// @param plain_item_bytes  item_capacity's largest value in the study
  /// @param release_key  set: the package opens only after release_package with it
  PackageWriter(const std::filesystem::path& path, const PackageFacts& facts,
                const PackageSecrets& secrets, const SigningKey& lock_key, std::size_t plain_item_bytes,
                const PublicKey& reader, const std::optional<BoxKey>& release_key);
  ~PackageWriter();
  PackageWriter(const PackageWriter&) = delete;
  PackageWriter& operator=(const PackageWriter&) = delete;

  /// Positions 1, 2, … in order. @throws Error (kEnvironment, "disk_full"); (kInternal) if it is too large
  void add(const Item& item);

  /// Signs and renames. @return  the facts with the body's digest
  PackageFacts finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The facts of a package, as its header says them; opens nothing. The signature is checked, but by the header's
/// own key: only opening the package shows whether they are those that were sealed.
/// @throws Error (kInput, "damaged")
PackageFacts read_package_facts(const std::filesystem::path& path);

/// A package opened with its reader's key. Items may be read from several threads.
class PackageFile {
 public:
  /// @throws Error (kInput, "damaged") naming the part; (kInput, "wrong_key"); (kRefused, "too_early") with
  ///   the date; (kRefused, "not_released")
  PackageFile(const std::filesystem::path& path, const SigningKey& reader, UtcTime now);
  ~PackageFile();
  PackageFile(PackageFile&&) noexcept;

  const PackageFacts& facts() const;
  const PackageSecrets& secrets() const;
  const std::filesystem::path& path() const;
  /// @param position  from 1  @throws Error (kInput, "damaged") naming the item
  Item item(int position) const;
  /// Reads everything. @throws Error (kInput, "damaged")
  void verify() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Copies a package with its key freed for the reader. @throws Error (kInput) if `release_key` is not its
void release_package(const std::filesystem::path& from, const std::filesystem::path& to,
                     const BoxKey& release_key);

/// SHA-256 of what lies on disk, to compare with the lock's certificate. The rest of the header is signed.
struct PackageDigests {
  std::string body;  ///< of all that is sealed
  std::string key;   ///< of the header's key, which a release changes
  bool operator==(const PackageDigests&) const = default;
};
PackageDigests package_digests(const std::filesystem::path& path);

}  // namespace rationale::study
