#include "study/log/store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "schema_1.sql.h"

namespace rationale::study {
namespace {

constexpr int kVersion = 1;
constexpr std::int64_t kApplicationId = 0x52544E31;

std::span<const std::byte> blob(std::span<const unsigned char> bytes) {
  return std::as_bytes(bytes);
}

template <std::size_t N>
Bytes<N> bytes_of(const std::vector<std::byte>& blob) {
  Bytes<N> bytes{};
  for (std::size_t i = 0; i < N && i < blob.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(blob[i]);
  }
  return bytes;
}

/// Durable before the call returns; a replaced row would slip past the delete triggers without
/// recursive_triggers.
void set_pragmas(Database& database) {
  database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA recursive_triggers = ON; PRAGMA cache_size = -512;");  // 512 kB: the log is read in order
}

/// Every table, index and trigger as SQLite keeps its text.
std::string schema_digest(Database& database) {
  Sha256 sum;
  Statement rows = database.prepare(
      "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name");
  while (rows.step()) sum.field(rows.text(0)).field(rows.text(1)).field(rows.text(2));
  return sum.hex();
}

std::string expected_schema_digest() {
  Database memory(":memory:", Database::Open::kCreate, Database::Schema::kTrusted);
  memory.execute(sql::kSchema1Sql);
  return schema_digest(memory);
}

const char* role_name(Role role) { return role == Role::kCoordinator ? "coordinator" : "reader"; }

void refuse_network(const std::filesystem::path& file) {
  if (!is_network_folder(file.parent_path())) return;
  throw Error(Error::Kind::kRefused, "the folder lies on a network file system",
              file.parent_path().string(),
              "use a folder on a disk of this machine: over a network a crash can lose answers")
      .with_code("network_folder");
}

}  // namespace

bool EventStore::is_begun(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_symlink(file, ignored)) {
    throw Error(Error::Kind::kInput, "the store is a link to another place", file.string(),
                "remove the link and choose the folder itself")
        .with_code("symlink");
  }
  if (!std::filesystem::exists(file, ignored)) return false;
  Database database(file, Database::Open::kWrite, Database::Schema::kTrusted);
  Statement count = database.prepare("SELECT count(*) FROM sqlite_schema");
  return count.step() && count.integer(0) > 0;
}

EventStore EventStore::create(const std::filesystem::path& file, Role role) {
  std::error_code ignored;
  if (is_begun(file)) {
    throw Error(Error::Kind::kRefused, "there is a store already", file.string(),
                "a store is continued, never started over; choose another folder")
        .with_code("exists");
  }
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  refuse_network(file);
  auto database = std::make_unique<Database>(file, Database::Open::kCreate, Database::Schema::kTrusted);
  ::chmod(file.c_str(), S_IRUSR | S_IWUSR);
  set_pragmas(*database);
  Transaction transaction(*database);
  database->execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database->execute(sql::kSchema1Sql);
  database->set_schema_version(kVersion);
  EventStore store(std::move(database));
  store.set_meta("role", role_name(role));
  transaction.commit();
  // So that a copy without its write-ahead log is a store that lacks events, and not an empty file.
  store.database_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  return store;
}

EventStore EventStore::open(const std::filesystem::path& file, Role role) {
  refuse_network(file);
  static_cast<void>(is_begun(file));
  // SQLite 3.40 counts json_valid, which the CHECKs use, as unsafe in a schema that is not trusted; so it
  // is trusted, and compared with ours, text by text, before anything is written.
  auto database = std::make_unique<Database>(file, Database::Open::kWrite, Database::Schema::kTrusted);
  const int version = database->schema_version();
  if (version > kVersion) {
    throw Error(Error::Kind::kInput, fmt::format("the store is of version {}", version),
                file.string(), "open it with a newer program")
        .with_code("newer");
  }
  static const std::string expected = expected_schema_digest();
  if (version < kVersion || schema_digest(*database) != expected) {
    throw Error(Error::Kind::kInput, "a table or trigger of the store was changed", file.string(),
                "stop and keep the file: its protections were taken off by somebody")
        .with_code("schema_changed");
  }
  set_pragmas(*database);
  EventStore store(std::move(database));
  if (store.meta("role") != role_name(role)) {
    throw Error(Error::Kind::kInput,
                fmt::format("this is a {}'s store", store.meta("role").value_or("stranger")),
                file.string(), fmt::format("give a {}'s store", role_name(role)))
        .with_code("other_role");
  }
  return store;
}

std::optional<std::string> EventStore::meta(const std::string& key) {
  Statement query = database_->prepare("SELECT value FROM meta WHERE key = ?");
  query.bind(1, std::string_view(key));
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

void EventStore::set_meta(const std::string& key, const std::string& value) {
  Statement insert = database_->prepare(
      "INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
  insert.bind(1, std::string_view(key)).bind(2, std::string_view(value)).run();
}

std::optional<PublicKey> EventStore::chain_key(const std::string& chain_id) {
  Statement query = database_->prepare("SELECT sign_key FROM chain WHERE id = ?");
  query.bind(1, std::string_view(chain_id));
  if (!query.step()) return std::nullopt;
  return bytes_of<32>(query.blob(0));
}

void EventStore::add_chain(const std::string& chain_id, const PublicKey& key) {
  Statement insert =
      database_->prepare("INSERT INTO chain(id, genesis, sign_key) VALUES(?, ?, ?)");
  insert.bind(1, std::string_view(chain_id))
      .bind_blob(2, blob(genesis(chain_id).hash))
      .bind_blob(3, blob(key))
      .run();
}

std::vector<std::string> EventStore::chains() {
  std::vector<std::string> ids;
  Statement query = database_->prepare("SELECT id FROM chain ORDER BY id");
  while (query.step()) ids.push_back(query.text(0));
  return ids;
}

Head EventStore::head(const std::string& chain_id) {
  Statement query = database_->prepare(
      "SELECT seq, hash FROM event WHERE chain = ? ORDER BY seq DESC LIMIT 1");
  query.bind(1, std::string_view(chain_id));
  if (!query.step()) return genesis(chain_id);
  return {query.integer(0), bytes_of<32>(query.blob(1))};
}

std::vector<StoredEvent> EventStore::events(const std::string& chain_id, std::int64_t from_seq) {
  std::vector<StoredEvent> events;
  Statement query = database_->prepare(
      "SELECT seq, payload, hash FROM event WHERE chain = ? AND seq >= ? ORDER BY seq");
  query.bind(1, std::string_view(chain_id)).bind(2, from_seq);
  while (query.step()) {
    events.push_back({query.integer(0), query.text(1), bytes_of<32>(query.blob(2))});
  }
  return events;
}

void EventStore::append(const std::string& chain_id, const StoredEvent& event) {
  if (event.seq != head(chain_id).seq + 1) {
    throw Error(Error::Kind::kRefused,
                fmt::format("event {} is not the next one of {}", event.seq, chain_id),
                file().string(), "merge the bundles in their order")
        .with_code("RS501");
  }
  Statement insert = database_->prepare(
      "INSERT INTO event(chain, seq, payload, hash) VALUES(?, ?, ?, ?)");
  insert.bind(1, std::string_view(chain_id))
      .bind(2, event.seq)
      .bind(3, std::string_view(event.payload))
      .bind_blob(4, blob(event.hash))
      .run();
}

void EventStore::add_checkpoint(const std::string& chain_id, std::int64_t seq,
                                const Signature& signature) {
  Statement insert = database_->prepare(
      "INSERT INTO checkpoint(chain, seq, sig) VALUES(?, ?, ?) ON CONFLICT(chain, seq) DO NOTHING");
  insert.bind(1, std::string_view(chain_id)).bind(2, seq).bind_blob(3, blob(signature)).run();
}

std::int64_t EventStore::n_checkpoints(const std::string& chain_id) {
  Statement query = database_->prepare("SELECT count(*) FROM checkpoint WHERE chain = ?");
  query.bind(1, std::string_view(chain_id));
  return query.step() ? query.integer(0) : 0;
}

std::int64_t EventStore::signed_seq(const std::string& chain_id) {
  Statement query = database_->prepare("SELECT coalesce(max(seq), 0) FROM checkpoint WHERE chain = ?");
  query.bind(1, std::string_view(chain_id));
  query.step();
  return query.integer(0);
}

LogCheck EventStore::check_chain(const std::string& chain_id,
                                 const std::optional<Head>& signed_head) {
  LogCheck check{.head = genesis(chain_id), .fault = {}};
  const auto key = chain_key(chain_id);
  bool is_met = !signed_head || *signed_head == check.head;
  Statement query = database_->prepare(
      "SELECT e.seq, e.payload, e.hash, c.sig FROM event e LEFT JOIN checkpoint c "
      "ON c.chain = e.chain AND c.seq = e.seq WHERE e.chain = ? ORDER BY e.seq");
  query.bind(1, std::string_view(chain_id));
  while (query.step()) {
    if (query.integer(0) != check.head.seq + 1) {
      check.fault = {"CH02", check.head.seq + 1, "the next event is not there"};
      return check;
    }
    check.fault = check_event(check.head, bytes_of<32>(query.blob(2)), query.text(1));
    if (check.fault) return check;
    if (!query.is_null(3) &&
        !(key && is_signed_by(*key, checkpoint_message(chain_id, check.head),
                              bytes_of<64>(query.blob(3))))) {
      check.fault = {"CH04", check.head.seq, "the signature under this event does not hold"};
      return check;
    }
    is_met = is_met || check.head == *signed_head;
  }
  if (!is_met) {
    check.fault = {"CH04", check.head.seq,
                   fmt::format("the signed head at event {} is not in the log", signed_head->seq)};
  }
  return check;
}

void EventStore::copy_to(const std::filesystem::path& file) {
  Statement vacuum = database_->prepare("VACUUM INTO ?");
  vacuum.bind(1, std::string_view(file.string())).run();
}

}  // namespace rationale::study
