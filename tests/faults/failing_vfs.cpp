#include "tests/faults/failing_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace rationale::faults {
namespace {

constexpr std::int64_t kSector = 512;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Unsynced {
  std::int64_t old_size = 0;
  std::map<std::int64_t, std::vector<char>> sectors;  ///< number → bytes before; shorter at the old end
};

struct Disk {
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs shim{};
  std::int64_t n_changes = 0, cut_at = kNever, full_from = kNever, full_to = kNever;
  bool has_failed = false;
  std::map<std::string, Unsynced> files;
};
Disk disk;

/// SQLITE_OK, or why this change fails.
int change(int power_code) {
  ++disk.n_changes;
  if (disk.n_changes >= disk.cut_at) {
    disk.has_failed = true;
    return power_code;
  }
  return SQLITE_OK;
}

bool is_full() {
  const bool is = disk.n_changes >= disk.full_from && disk.n_changes < disk.full_to;
  disk.has_failed = disk.has_failed || is;
  return is;
}

struct File {
  sqlite3_file base;
  std::string* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

std::int64_t size_of(File& file) {
  sqlite3_int64 size = 0;
  file.real()->pMethods->xFileSize(file.real(), &size);
  return size;
}

/// Keeps what bytes `from` to `to` were, the first time since the last sync.
void keep(File& file, std::int64_t from, std::int64_t to) {
  if (file.path == nullptr) return;
  const std::int64_t size = size_of(file);
  const auto [entry, is_first] = disk.files.try_emplace(*file.path);
  if (is_first) entry->second.old_size = size;
  for (std::int64_t sector = from / kSector; sector * kSector < to; ++sector) {
    if (entry->second.sectors.contains(sector)) continue;
    const std::int64_t n = std::clamp<std::int64_t>(entry->second.old_size - sector * kSector, 0, kSector);
    std::vector<char> bytes(static_cast<std::size_t>(n));
    const std::int64_t n_there = std::clamp<std::int64_t>(size - sector * kSector, 0, n);
    if (n_there > 0) {
      file.real()->pMethods->xRead(file.real(), bytes.data(), static_cast<int>(n_there), sector * kSector);
    }
    entry->second.sectors.emplace(sector, std::move(bytes));
  }
}

int close_file(sqlite3_file* file) {
  const int code = of(file)->real()->pMethods->xClose(of(file)->real());
  delete of(file)->path;
  return code;
}
int read_file(sqlite3_file* file, void* to, int n, sqlite3_int64 at) {
  return of(file)->real()->pMethods->xRead(of(file)->real(), to, n, at);
}
int write_file(sqlite3_file* file, const void* from, int n, sqlite3_int64 at) {
  if (const int code = change(SQLITE_IOERR_WRITE)) return code;
  if (is_full()) return SQLITE_FULL;
  keep(*of(file), at, at + n);
  return of(file)->real()->pMethods->xWrite(of(file)->real(), from, n, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = change(SQLITE_IOERR_TRUNCATE)) return code;
  keep(*of(file), size, std::max<std::int64_t>(size, size_of(*of(file))));
  return of(file)->real()->pMethods->xTruncate(of(file)->real(), size);
}
int sync_file(sqlite3_file* file, int) {
  if (const int code = change(SQLITE_IOERR_FSYNC)) return code;
  if (of(file)->path != nullptr) disk.files.erase(*of(file)->path);
  return SQLITE_OK;  // what is synced is kept; the machine under the test needs no flush
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
}
int lock_file(sqlite3_file* file, int level) { return of(file)->real()->pMethods->xLock(of(file)->real(), level); }
int unlock_file(sqlite3_file* file, int level) { return of(file)->real()->pMethods->xUnlock(of(file)->real(), level); }
int check_lock(sqlite3_file* file, int* out) {
  return of(file)->real()->pMethods->xCheckReservedLock(of(file)->real(), out);
}
int control(sqlite3_file* file, int what, void* argument) {
  return of(file)->real()->pMethods->xFileControl(of(file)->real(), what, argument);
}
int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
int characteristics(sqlite3_file*) { return 0; }  // promises nothing: no atomic or safe appends
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
  return of(file)->real()->pMethods->xShmMap(of(file)->real(), page, size, extend, to);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return of(file)->real()->pMethods->xShmLock(of(file)->real(), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { of(file)->real()->pMethods->xShmBarrier(of(file)->real()); }
int shm_unmap(sqlite3_file* file, int is_deleted) {
  return of(file)->real()->pMethods->xShmUnmap(of(file)->real(), is_deleted);
}

const sqlite3_io_methods kMethods{2,           close_file, read_file,     write_file, truncate_file, sync_file, file_size,
                                  lock_file,   unlock_file, check_lock,    control,    sector_size,   characteristics,
                                  shm_map,     shm_lock,    shm_barrier,   shm_unmap,  nullptr,       nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  File* mine = of(file);
  mine->base.pMethods = nullptr;
  mine->path = nullptr;
  const int code = disk.real->xOpen(disk.real, name, mine->real(), flags, out);
  if (code != SQLITE_OK) return code;
  if (name != nullptr) mine->path = new std::string(name);
  mine->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (const int code = change(SQLITE_IOERR_DELETE)) return code;
  disk.files.erase(name);
  return disk.real->xDelete(disk.real, name, sync_folder);
}

void begin() {
  disk.n_changes = 0;
  disk.cut_at = disk.full_from = disk.full_to = kNever;
  disk.has_failed = false;
}

}  // namespace

FailingVfs::FailingVfs() {
  disk.real = sqlite3_vfs_find(nullptr);
  if (disk.real == nullptr) throw std::runtime_error("SQLite has no file system");
  disk.shim = *disk.real;
  disk.shim.iVersion = 1;
  disk.shim.zName = "failing";
  disk.shim.szOsFile = static_cast<int>(sizeof(File)) + disk.real->szOsFile;
  disk.shim.xOpen = open_file;
  disk.shim.xDelete = delete_file;
  // The others take the real one's record for their own: all they use is its pAppData, which is copied.
  begin();
  disk.files.clear();
  sqlite3_vfs_register(&disk.shim, 1);
}

FailingVfs::~FailingVfs() {
  sqlite3_vfs_register(disk.real, 1);
  sqlite3_vfs_unregister(&disk.shim);
}

void FailingVfs::cut_at(std::int64_t at) {
  begin();
  disk.cut_at = at;
}

void FailingVfs::fill_at(std::int64_t at, std::int64_t n) {
  begin();
  disk.full_from = at;
  disk.full_to = at + n;
}

bool FailingVfs::has_failed() const { return disk.has_failed; }
std::int64_t FailingVfs::changes() const { return disk.n_changes; }

void FailingVfs::lose_unsynced(std::mt19937_64& random) {
  for (const auto& [path, unsynced] : disk.files) {
    if (path.ends_with("-shm")) continue;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    std::int64_t end = unsynced.old_size;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
    for (const auto& [sector, before] : unsynced.sectors) {
      const std::int64_t at = sector * kSector;
      if (random() % 2 == 0) {  // reached the disk
        if (at < size) end = std::max(end, std::min(size, at + kSector));
        continue;
      }
      std::vector<char> bytes = before;  // what was not there before reads as zeros, should a later sector stay
      bytes.resize(static_cast<std::size_t>(kSector));
      file.seekp(at);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    file.close();
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(end), ignored);
  }
  disk.files.clear();
}

}  // namespace rationale::faults
