#include "data/records/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <new>
#include <system_error>
#include <utility>

#include "data/base/error.h"

namespace rationale {

Database::Database(const std::filesystem::path& path, Open how, Schema schema) : path_(path) {
  std::error_code ignored;
  if (how != Open::kCreate && !std::filesystem::is_regular_file(path, ignored)) {
    throw Error(Error::Kind::kInput, "there is no such database", path.string(),
                "check the path, or make it first").with_code("no_such_file");
  }
  if (how == Open::kCreate && path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), ignored);
  }
  const int flags = how == Open::kRead    ? SQLITE_OPEN_READONLY
                    : how == Open::kWrite ? SQLITE_OPEN_READWRITE
                                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "opening");
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, 10000);
    execute("PRAGMA foreign_keys = ON;");
    execute(schema == Schema::kTrusted ? "PRAGMA trusted_schema = ON" : "PRAGMA trusted_schema = OFF");
    schema_version();  // reads the header: a file that is no database is found out here
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::fail(int code, const std::string& doing) const {
  const std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const int primary = code & 0xff;
  if (primary == SQLITE_FULL || code == SQLITE_IOERR_WRITE) {
    throw Error(Error::Kind::kEnvironment, "the disk is full", path_.string(),
                "free some space and run the same command again").with_code("disk_full");
  }
  if (primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT) {
    throw Error(Error::Kind::kInput, "not a sound SQLite database: " + message, path_.string(),
                "restore it from a copy, or make it again").with_code("damaged_database");
  }
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    throw Error(Error::Kind::kEnvironment, "another program is writing this database",
                path_.string(), "wait until it is done, then run the same command again")
        .with_code("database_locked");
  }
  if (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_IOERR ||
      primary == SQLITE_PERM) {
    throw Error(Error::Kind::kEnvironment, fmt::format("{} failed: {}", doing, message),
                path_.string(), "check that the folder exists and may be written");
  }
  if (primary == SQLITE_NOMEM) throw std::bad_alloc();
  throw Error(Error::Kind::kInternal, fmt::format("{} failed: {}", doing, message), path_.string());
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "SQL");
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }

int Database::schema_version() {
  Statement statement(*this, "PRAGMA user_version");
  statement.step();
  return static_cast<int>(statement.integer(0));
}

void Database::set_schema_version(int number) {
  execute(fmt::format("PRAGMA user_version = {}", number));
}

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
  const int code = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      &statement_, nullptr);
  if (code != SQLITE_OK) database.fail(code, "preparing SQL");
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, index, value);
  if (code != SQLITE_OK) database_->fail(code, "binding");
  return *this;
}

Statement& Statement::bind(int index, double value) {
  const int code = sqlite3_bind_double(statement_, index, value);
  if (code != SQLITE_OK) database_->fail(code, "binding");
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  const int code =
      sqlite3_bind_text(statement_, index, value.empty() ? "" : value.data(),
                        static_cast<int>(value.size()), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_->fail(code, "binding");
  return *this;
}

Statement& Statement::bind_blob(int index, std::span<const std::byte> value) {
  const int code = value.empty()
                       ? sqlite3_bind_zeroblob(statement_, index, 0)
                       : sqlite3_bind_blob64(statement_, index, value.data(), value.size(),
                                             SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_->fail(code, "binding");
  return *this;
}

Statement& Statement::bind_null(int index) {
  const int code = sqlite3_bind_null(statement_, index);
  if (code != SQLITE_OK) database_->fail(code, "binding");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    // The statement must not stay open: a later COMMIT or ROLLBACK would fail because of it.
    try {
      database_->fail(code, "SQL");
    } catch (...) {
      sqlite3_reset(statement_);
      throw;
    }
  }
  sqlite3_reset(statement_);
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr
             ? std::string()
             : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::vector<std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::vector<std::byte>() : std::vector<std::byte>(data, data + size);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

Transaction::Transaction(Database& database)
    : database_(database), is_inner_(sqlite3_get_autocommit(database.handle()) == 0) {
  database_.execute(is_inner_ ? "SAVEPOINT inner_part" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!is_open_) return;
  const char* undo = is_inner_ ? "ROLLBACK TO inner_part; RELEASE inner_part" : "ROLLBACK";
  sqlite3_exec(database_.handle(), undo, nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute(is_inner_ ? "RELEASE inner_part" : "COMMIT");
  is_open_ = false;
}

}  // namespace rationale
