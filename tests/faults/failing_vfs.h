// SQLite's files on a disk that loses power or fills up, on demand.
#pragma once

#include <cstdint>
#include <random>

namespace rationale::faults {

/// While it lives it is SQLite's default file system: it passes everything on to the real one, counts what
/// changes a file (write, truncate, sync, delete), and fails on demand. For every file it keeps the old bytes of
/// each 512-byte sector that was written and not yet synced. One at a time; not for several threads.
class FailingVfs {
 public:
  FailingVfs();
  ~FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;

  /// The power goes at change number `at` from now on (from 1): it and everything after it fails.
  void cut_at(std::int64_t at);
  /// Writes fail as on a full disk, from change `at` on, `n` of them.
  void fill_at(std::int64_t at, std::int64_t n);
  bool has_failed() const;       ///< since the last of the calls above
  std::int64_t changes() const;  ///< since then

  /// What the disk holds after the cut: each unsynced sector as it was before or after, at random; files that
  /// grew may lose their end; "-shm" files are gone. To be called when no database is open.
  void lose_unsynced(std::mt19937_64& random);
};

}  // namespace rationale::faults
