// SQLite behind three small types: a connection, a prepared statement, a transaction that rolls back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace rationale {

class Database;

/// A prepared statement. Parameters are bound by position, from 1; columns are read from 0.
/// All functions throw Error: kEnvironment with code "disk_full" when the disk is full, kEnvironment for
/// other I/O, kInput for a file that is no database or is damaged, kInternal otherwise.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view value);
  Statement& bind_blob(int index, std::span<const std::byte> value);
  Statement& bind_null(int index);

  /// True: there is a row to read. False: done; the statement is reset and may be bound again.
  bool step();
  /// For statements without rows: step, then ready for the next values.
  void run();
  void reset();

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::vector<std::byte> blob(int column) const;
  bool is_null(int column) const;
  int columns() const;

 private:
  Database* database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// One connection, used by one thread. foreign_keys is ON; a locked database is waited for 10 s.
class Database {
 public:
  enum class Open { kRead, kWrite, kCreate };
  /// Whether functions such as json_valid may run in the file's own CHECKs and triggers. A file from
  /// outside whose schema is trusted must have it compared with the expected one before it is written.
  enum class Schema { kUntrusted, kTrusted };

  /// @throws Error (kInput) if it is missing (kRead, kWrite) or not a database
  Database(const std::filesystem::path& path, Open how, Schema schema = Schema::kUntrusted);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// One or more statements without parameters.
  void execute(const std::string& sql);
  Statement prepare(std::string_view sql) { return Statement(*this, sql); }
  std::int64_t last_insert_rowid() const;
  /// PRAGMA user_version: the number of the schema; 0 in a fresh file.
  int schema_version();
  void set_schema_version(int version);

  const std::filesystem::path& path() const { return path_; }
  sqlite3* handle() const { return handle_; }
  /// Throws what the last call's code means. @param doing  such as "writing"
  [[noreturn]] void fail(int code, const std::string& doing) const;

 private:
  std::filesystem::path path_;
  sqlite3* handle_ = nullptr;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back if it goes without commit(). One within another is a part of it: what
/// it committed goes with the outer one.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool is_inner_ = false, is_open_ = true;
};

}  // namespace rationale
