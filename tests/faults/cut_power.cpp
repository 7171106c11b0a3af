#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "study/log/chain_writer.h"
#include "tests/faults/failing_vfs.h"
#include "tests/faults/faults.h"

namespace rationale::faults {
namespace {

namespace fs = std::filesystem;
using namespace study;

constexpr const char* kChain = "faults/r1/p1";

Event note(int n) {
  Event event;
  event.at = {"2026-03-02T09:00:00.000Z", 1'000'000 + n, 1'000'000 + n, "boot"};
  event.kind = "note";
  event.body = {{"n", n}, {"text", std::string(static_cast<std::size_t>(n % 7) * 40, 'x')}};
  return event;
}

/// A session of `n_events`: the store is made or continued, events are appended, every tenth head is signed.
/// @param pragma  besides those of the store
/// @return  how many events were acknowledged; stops at the first failure unless `goes_on`
std::int64_t write_session(const fs::path& file, int n_events, const SigningKey& key, bool goes_on,
                           const char* pragma = "PRAGMA wal_autocheckpoint = 20") {
  std::int64_t acknowledged = 0;
  try {
    EventStore store = EventStore::is_begun(file) ? EventStore::open(file, Role::kReader)
                                                  : EventStore::create(file, Role::kReader);
    store.database().execute(pragma);
    ChainWriter writer(store, kChain, key, "reader:r1");
    for (int n = 0; n < n_events; ++n) {
      try {
        acknowledged = writer.append(note(n)).seq;
        if (acknowledged % 10 == 0) writer.sign_head();
      } catch (const Error&) {
        if (!goes_on) throw;
      }
    }
  } catch (const Error&) {
    // The disk failed: what was acknowledged so far counts.
  }
  return acknowledged;
}

/// What does not hold of the store that is left; it must also go on. One event more than were acknowledged may
/// be there: the one under way, whose last bytes came to the disk though its commit failed.
std::string fault_of(const fs::path& file, const SigningKey& key, std::int64_t acknowledged) {
  try {
    std::int64_t stored = 0;
    if (EventStore::is_begun(file)) {
      EventStore store = EventStore::open(file, Role::kReader);
      stored = store.head(kChain).seq;
      if (store.chain_key(kChain)) check_session_chain(store, kChain);
    }
    if (stored < acknowledged) return fmt::format("{} acknowledged, {} stored", acknowledged, stored);
    if (stored > acknowledged + 1) return fmt::format("{} refused events are stored", stored - acknowledged);
    const std::int64_t further = write_session(file, 3, key, false);
    if (further != stored + 3) return fmt::format("does not go on after event {}", stored);
  } catch (const Error& error) {
    return fmt::format("{} ({})", error.what(), error.code);
  }
  return "";
}

constexpr std::int64_t kNever = std::int64_t{1} << 60;

/// What does not hold after the power went at change `at`.
std::string fault_after_cut(FailingVfs& vfs, const fs::path& file, std::int64_t at, int n_events, const SigningKey& key,
                            std::mt19937_64& random, const char* pragma) {
  fs::remove_all(file.parent_path());
  vfs.cut_at(at);
  const std::int64_t acknowledged = write_session(file, n_events, key, false, pragma);
  vfs.cut_at(kNever);
  vfs.lose_unsynced(random);
  fs::remove(fs::path(file.string() + "-shm"));
  return fault_of(file, key, acknowledged);
}

}  // namespace

Outcome cut_power(int n_events, std::uint64_t seed, Quiet quiet) {
  constexpr const char* kAsIs = "PRAGMA wal_autocheckpoint = 20";
  constexpr const char* kUnsafe = "PRAGMA wal_autocheckpoint = 20; PRAGMA synchronous = OFF";
  constexpr int kSubsets = 4;
  Outcome outcome;
  std::mt19937_64 random(seed);
  const SigningKey key(Bytes<32>{7});
  const TemporaryFolder folder;
  FailingVfs vfs;
  vfs.cut_at(kNever);
  write_session(folder.path() / "whole" / "session.db", n_events, key, false);
  const std::int64_t n_changes = vfs.changes();
  Progress progress("cuts of power and full disks", static_cast<std::size_t>(n_changes), quiet);
  int n_unsafe_losses = 0;
  for (std::int64_t at = 1; at <= n_changes; ++at) {
    check_interrupt();
    const fs::path cut = folder.path() / "cut" / "session.db";
    for (int subset = 0; subset < kSubsets; ++subset) {
      const std::string fault = fault_after_cut(vfs, cut, at, n_events, key, random, kAsIs);
      outcome.count(fault.empty() ? "" : fmt::format("power cut at change {}: {}", at, fault));
    }
    n_unsafe_losses += fault_after_cut(vfs, cut, at, n_events, key, random, kUnsafe).empty() ? 0 : 1;

    const fs::path full = folder.path() / "full" / "session.db";
    fs::remove_all(full.parent_path());
    vfs.fill_at(at, 6);
    const std::int64_t acknowledged = write_session(full, n_events, key, true);
    vfs.cut_at(kNever);  // there is room again
    const std::string fault = fault_of(full, key, acknowledged);
    outcome.count(fault.empty() ? "" : fmt::format("disk full at change {}: {}", at, fault));
    progress.update(static_cast<std::size_t>(at));
  }
  // The same cuts must find losses where nothing is synced, or they would prove nothing.
  if (n_unsafe_losses == 0) outcome.count("no loss was found with synchronous = OFF: the cuts are blind");
  return outcome;
}

}  // namespace rationale::faults
