#include "study/log/store.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/log/chain_writer.h"
#include "study/log/session_lock.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

constexpr const char* kChain = "cxr-01/r1/p1";

SigningKey key_of(unsigned char first) {
  Bytes<32> seed{};
  seed[0] = first;
  return SigningKey(seed);
}

Event note(int n) {
  return {.at = {.utc = "2026-03-02T09:00:00.000Z", .mono_us = n, .boot_us = n, .boot = "b"},
          .kind = "note",
          .body = {{"n", n}}};
}

template <typename F>
std::string code_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code;
  }
  return "fine";
}

struct Folder {
  TemporaryFolder temporary;
  std::filesystem::path file() const { return temporary.path() / "session.db"; }
};

/// Appends for ever, telling each committed number on `pipe`.
[[noreturn]] void append_until_killed(const std::filesystem::path& file, int pipe) {
  EventStore store = EventStore::open(file, Role::kReader);
  ChainWriter writer(store, kChain, key_of(1), "reader:r1");
  for (int n = 0;; ++n) {
    const std::int64_t seq = writer.append(note(n)).seq;
    if (n % 7 == 6) writer.sign_head();
    if (::write(pipe, &seq, sizeof seq) != sizeof seq) ::_exit(0);
  }
}

}  // namespace

TEST_CASE("events come back as they were appended, after opening again", "[study][log]") {
  const Folder folder;
  {
    EventStore store = EventStore::create(folder.file(), Role::kReader);
    ChainWriter writer(store, kChain, key_of(1), "reader:r1");
    for (int n = 0; n < 5; ++n) writer.append(note(n));
    writer.sign_head();
  }
  EventStore store = EventStore::open(folder.file(), Role::kReader);
  CHECK_NOTHROW(check_session_chain(store, kChain));
  const std::vector<StoredEvent> events = store.events(kChain);
  REQUIRE(events.size() == 5);
  const Event third = parse_event(events[2].payload);
  CHECK(third.seq == 3);
  CHECK(third.body.at("n") == 2);
  CHECK(third.actor == "reader:r1");
  CHECK(third.at.boot_us == 2);
  CHECK(store.events(kChain, 4).size() == 2);
  // The chain goes on where it was.
  ChainWriter writer(store, kChain, key_of(1), "reader:r1");
  CHECK(writer.append(note(9)).seq == 6);
  CHECK(code_of([&] { ChainWriter other(store, kChain, key_of(2), "reader:r1"); }) == "other_key");
}

TEST_CASE("no statement changes or removes an event", "[study][log]") {
  const Folder folder;
  EventStore store = EventStore::create(folder.file(), Role::kReader);
  ChainWriter writer(store, kChain, key_of(1), "reader:r1");
  writer.append(note(0));
  const std::string sql = GENERATE(
      "UPDATE event SET payload = '{}'", "DELETE FROM event",
      "INSERT OR REPLACE INTO event(chain, seq, payload, hash) VALUES('cxr-01/r1/p1', 1, '{}', "
      "zeroblob(32))",
      "INSERT INTO event(chain, seq, payload, hash) VALUES('cxr-01/r1/p1', 3, '{}', zeroblob(32))");
  CHECK_THROWS_AS(store.database().execute(sql), Error);
  CHECK(store.events(kChain).size() == 1);
  CHECK_FALSE(store.check_chain(kChain).fault);
}

TEST_CASE("a store whose protection was taken off is refused", "[study][log]") {
  const Folder folder;
  { EventStore::create(folder.file(), Role::kReader).database().execute("DROP TRIGGER event_no_update"); }
  CHECK(code_of([&] { EventStore::open(folder.file(), Role::kReader); }) == "schema_changed");
}

TEST_CASE("a store of another role or a later version is refused", "[study][log]") {
  const Folder folder;
  { EventStore::create(folder.file(), Role::kReader); }
  CHECK(code_of([&] { EventStore::open(folder.file(), Role::kCoordinator); }) == "other_role");
  CHECK(code_of([&] { EventStore::create(folder.file(), Role::kReader); }) == "exists");
  { Database(folder.file(), Database::Open::kWrite, Database::Schema::kTrusted).execute("PRAGMA user_version = 2"); }
  CHECK(code_of([&] { EventStore::open(folder.file(), Role::kReader); }) == "newer");
}

TEST_CASE("a copy without its write-ahead log is found out by the signed head", "[study][log]") {
  const Folder folder;
  const std::filesystem::path copy = folder.temporary.path() / "copy" / "session.db";
  std::filesystem::create_directories(copy.parent_path());
  {
    EventStore store = EventStore::create(folder.file(), Role::kReader);
    ChainWriter writer(store, kChain, key_of(1), "reader:r1");
    store.database().execute("PRAGMA wal_checkpoint(TRUNCATE)");
    for (int n = 0; n < 3; ++n) writer.append(note(n));
    writer.sign_head();
    std::filesystem::copy_file(folder.file(), copy);  // the -wal stays behind
    std::filesystem::copy_file(head_file(folder.file()), head_file(copy));
    const std::filesystem::path sound = folder.temporary.path() / "sound.db";
    store.copy_to(sound);
    EventStore whole = EventStore::open(sound, Role::kReader);
    CHECK(whole.events(kChain).size() == 3);
  }
  EventStore store = EventStore::open(copy, Role::kReader);
  CHECK(code_of([&] { check_session_chain(store, kChain); }) == "CH04");
}

TEST_CASE("an edited event is found with its number", "[study][log]") {
  const Folder folder;
  EventStore store = EventStore::create(folder.file(), Role::kReader);
  ChainWriter writer(store, kChain, key_of(1), "reader:r1");
  for (int n = 0; n < 4; ++n) writer.append(note(n));
  // Somebody with a tool of their own takes the trigger off, edits, and puts it back.
  store.database().execute("DROP TRIGGER event_no_update");
  store.database().execute("UPDATE event SET payload = replace(payload, '\"n\":1', '\"n\":7')");
  const LogCheck check = store.check_chain(kChain);
  REQUIRE(check.fault);
  CHECK(check.fault->code == "CH01");
  CHECK(check.fault->seq == 2);
}

TEST_CASE("a second process is told who has the session", "[study][log]") {
  const Folder folder;
  const SessionLock lock(folder.temporary.path());
  try {
    const SessionLock second(folder.temporary.path());
    FAIL("two processes have it");
  } catch (const Error& error) {
    CHECK(error.code == "in_use");
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(std::string(error.what()).find(std::to_string(::getpid())) != std::string::npos);
  }
}

TEST_CASE("the lock goes with its holder", "[study][log]") {
  const Folder folder;
  { const SessionLock lock(folder.temporary.path()); }
  CHECK_NOTHROW(SessionLock(folder.temporary.path()));
}

TEST_CASE("kill -9 loses no event that was acknowledged", "[study][log]") {
  const Folder folder;
  { EventStore::create(folder.file(), Role::kReader); }
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) append_until_killed(folder.file(), ends[1]);
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(5000 + 3700 * round));
    ::kill(child, SIGKILL);
    std::int64_t seq = 0;
    while (::read(ends[0], &seq, sizeof seq) == sizeof seq) acknowledged = seq;
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    EventStore store = EventStore::open(folder.file(), Role::kReader);
    CHECK(store.head(kChain).seq >= acknowledged);
    if (store.chain_key(kChain)) CHECK_NOTHROW(check_session_chain(store, kChain));
  }
  CHECK(acknowledged > 0);
}

TEST_CASE("two ends between the first checkpoint and its file are no missing file", "[study][log]") {
  const Folder folder;
  { EventStore::create(folder.file(), Role::kReader); }
  for (int round = 0; round < 2; ++round) {
    EventStore store = EventStore::open(folder.file(), Role::kReader);
    ChainWriter writer(store, kChain, key_of(1), "reader:r1");
    CHECK_NOTHROW(check_session_chain(store, kChain));
    CHECK(std::filesystem::exists(head_file(folder.file())) == (round > 0));  // the second process makes it good
    writer.append(note(round));
    writer.sign_head();
    if (round == 0) std::filesystem::remove(head_file(folder.file()));
  }
  EventStore store = EventStore::open(folder.file(), Role::kReader);
  CHECK(store.n_checkpoints(kChain) == 2);
  CHECK_NOTHROW(check_session_chain(store, kChain));
  std::filesystem::remove(head_file(folder.file()));
  CHECK(code_of([&] { check_session_chain(store, kChain); }) == "CH04");
}

TEST_CASE("a full disk refuses the event and loses none", "[study][log]") {
  const Folder folder;
  { EventStore::create(folder.file(), Role::kReader); }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A limit on file sizes stands for the full disk: writing fails in the same place.
    int failed = 0;
    std::int64_t acknowledged = 0;
    try {
      ::signal(SIGXFSZ, SIG_IGN);
      EventStore store = EventStore::open(folder.file(), Role::kReader);
      ChainWriter writer(store, kChain, key_of(1), "reader:r1");
      rlimit limit{};
      ::getrlimit(RLIMIT_FSIZE, &limit);
      const rlim_t before = limit.rlim_cur;
      limit.rlim_cur = 300'000;
      ::setrlimit(RLIMIT_FSIZE, &limit);
      for (int n = 0; n < 300; ++n) {
        try {
          acknowledged = writer.append(note(n)).seq;
        } catch (const Error& error) {
          failed += error.code == "disk_full" ? 1 : 1000;
        }
      }
      limit.rlim_cur = before;
      ::setrlimit(RLIMIT_FSIZE, &limit);
      const bool goes_on = writer.append(note(1000)).seq == acknowledged + 1;
      ::_exit(failed > 0 && failed < 1000 && acknowledged > 0 && goes_on ? 0 : 2);
    } catch (...) {
      ::_exit(3);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  EventStore store = EventStore::open(folder.file(), Role::kReader);
  CHECK_FALSE(store.check_chain(kChain).fault);
}
