// The study store: one SQLite file of append-only events and what is known beside them. A coordinator's
// study.db and a reader's session.db have the same schema (study/log/sql/schema_1.sql).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/records/sqlite.h"
#include "study/log/chain.h"
#include "study/log/log_file.h"

namespace rationale::study {

enum class Role { kCoordinator, kReader };

/// An event as it is stored.
struct StoredEvent {
  std::int64_t seq = 0;
  std::string payload;  ///< CJ-1
  Digest hash{};
};

/// One connection, used by one thread. WAL, synchronous FULL: what a function returned for survives a power
/// cut. A copy of the file must be made with copy_to: without its -wal it would lack events.
class EventStore {
 public:
  /// Whether `file` holds a store. Not so: no file, or an empty database, which a crash while it was made leaves.
  /// @throws Error (kInput) for a file that is no database
  static bool is_begun(const std::filesystem::path& file);
  /// @throws Error (kRefused, "exists") if `file` holds one; (kRefused, "network_folder") on a network file
  ///   system, where WAL is not safe
  static EventStore create(const std::filesystem::path& file, Role role);
  /// @throws Error (kInput, "newer") for a file of a later version; (kInput, "schema_changed") if a table or
  ///   trigger is not as this program makes it; (kInput, "other_role") for the other kind of store
  static EventStore open(const std::filesystem::path& file, Role role);

  EventStore(EventStore&&) noexcept = default;

  Database& database() { return *database_; }
  const std::filesystem::path& file() const { return database_->path(); }

  std::optional<std::string> meta(const std::string& key);
  void set_meta(const std::string& key, const std::string& value);

  /// The signing key of a chain; nothing if there is no such chain.
  std::optional<PublicKey> chain_key(const std::string& chain_id);
  void add_chain(const std::string& chain_id, const PublicKey& key);
  std::vector<std::string> chains();

  /// The last event of a chain; genesis if it has none.
  Head head(const std::string& chain_id);
  /// Events from `from_seq` on, in order.
  std::vector<StoredEvent> events(const std::string& chain_id, std::int64_t from_seq = 1);

  /// Appends an event whose hash was computed or checked. One transaction of its own unless the caller has
  /// one open. @throws Error (kRefused, RS501) if it is not the next one
  void append(const std::string& chain_id, const StoredEvent& event);

  void add_checkpoint(const std::string& chain_id, std::int64_t seq, const Signature& signature);
  std::int64_t n_checkpoints(const std::string& chain_id);
  /// The last event with a signature under it, whether that holds or not; 0: none.
  std::int64_t signed_seq(const std::string& chain_id);

  /// Walks the whole chain: CH03, CH02, CH01 per event; CH04 if `signed_head` is not on it; and every
  /// checkpoint's signature (CH04).
  LogCheck check_chain(const std::string& chain_id, const std::optional<Head>& signed_head = {});

  /// A whole copy at one moment, by VACUUM INTO.
  void copy_to(const std::filesystem::path& file);

 private:
  explicit EventStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::unique_ptr<Database> database_;
};

/// Whether the folder lies on a network file system (NFS, SMB, CIFS, 9P, FUSE).
bool is_network_folder(const std::filesystem::path& folder);

}  // namespace rationale::study
