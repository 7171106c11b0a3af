// Landlock by its raw system calls: Debian's C library has no wrappers, and Debian 12's kernel headers know only the
// first versions of it (https://docs.kernel.org/userspace-api/landlock.html).
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <system_error>

#include "data/base/sandbox.h"

namespace rationale {
namespace {

namespace fs = std::filesystem;

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;  // the same on all processors
constexpr std::uint32_t kAskVersion = 1;
constexpr int kPathBeneath = 1;

// Rights to files, with the version that brought those after the first.
constexpr std::uint64_t kWriteFile = 1 << 1, kReadFile = 1 << 2, kReadDir = 1 << 3, kRemoveDir = 1 << 4,
                        kRemoveFile = 1 << 5, kMakeChar = 1 << 6, kMakeDir = 1 << 7, kMakeReg = 1 << 8,
                        kMakeSock = 1 << 9, kMakeFifo = 1 << 10, kMakeBlock = 1 << 11, kMakeSym = 1 << 12,
                        kRefer = 1 << 13,     // 2
                        kTruncate = 1 << 14,  // 3
                        kIoctlDev = 1 << 15;  // 5
constexpr std::uint64_t kBindTcp = 1 << 0, kConnectTcp = 1 << 1;         // 4
constexpr std::uint64_t kAbstractSockets = 1 << 0, kSignals = 1 << 1;    // 6

struct Ruleset {
  std::uint64_t files = 0, network = 0, scopes = 0;
};

struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed = 0;
  std::int32_t folder = -1;
};

std::uint64_t all_writing(long version) {
  std::uint64_t rights = kWriteFile | kRemoveDir | kRemoveFile | kMakeChar | kMakeDir | kMakeReg | kMakeSock |
                         kMakeFifo | kMakeBlock | kMakeSym;
  if (version >= 2) rights |= kRefer;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kIoctlDev;
  return rights;
}

class Rules {
 public:
  Rules(const Ruleset& handled, std::size_t size) : handled_(handled.files) {
    file_ = static_cast<int>(::syscall(kCreateRuleset, &handled, size, 0));
  }
  ~Rules() {
    if (file_ >= 0) ::close(file_);
  }
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  bool is_open() const { return file_ >= 0; }

  void allow(const fs::path& path, std::uint64_t rights) const {
    PathBeneath rule;
    rule.folder = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (rule.folder < 0) return;
    struct stat status {};
    const bool is_folder = ::fstat(rule.folder, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_folder) rights &= kWriteFile | kReadFile | kTruncate | kIoctlDev;
    rule.allowed = rights & handled_;
    ::syscall(kAddRule, file_, kPathBeneath, &rule, 0);
    ::close(rule.folder);
  }

  bool restrict_self() const { return ::syscall(kRestrictSelf, file_, 0) == 0; }

 private:
  std::uint64_t handled_;
  int file_ = -1;
};

std::ptrdiff_t thread_count() {
  std::error_code error;
  const fs::directory_iterator threads("/proc/self/task", error);
  return error ? 0 : std::distance(begin(threads), end(threads));
}

}  // namespace

Restriction restrict_files(const FileRules& rules) {
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) {
    return {false, fmt::format("the kernel has no Landlock, or it is switched off ({})", std::strerror(errno))};
  }
  Ruleset handled{.files = all_writing(version)};
  if (!rules.readable.empty()) handled.files |= kReadFile | kReadDir;
  std::size_t size = sizeof handled.files;
  if (version >= 4) {
    handled.network = kBindTcp | kConnectTcp;
    size += sizeof handled.network;
  }
  if (version >= 6) {
    handled.scopes = kAbstractSockets | kSignals;
    size += sizeof handled.scopes;
  }
  const Rules allowed(handled, size);
  if (!allowed.is_open()) return {false, fmt::format("Landlock: {}", std::strerror(errno))};

  constexpr std::uint64_t no_specials = ~(kMakeChar | kMakeBlock | kMakeSock | kMakeFifo | kMakeSym | kIoctlDev);
  for (const fs::path& folder : rules.writable) allowed.allow(folder, all_writing(version) & no_specials);
  for (const fs::path& device : rules.devices) allowed.allow(device, kWriteFile | kIoctlDev);
  for (const fs::path& folder : rules.readable) allowed.allow(folder, kReadFile | kReadDir);
  allowed.allow("/dev/null", kWriteFile);

  const std::ptrdiff_t n_threads = thread_count();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !allowed.restrict_self()) {
    return {false, fmt::format("Landlock: {}", std::strerror(errno))};
  }
  if (n_threads != 1) {
    return {false, fmt::format("{} threads that libraries started before are not covered", n_threads - 1)};
  }
  return {true, {}};
}

bool may_write_anywhere() {
  const int file = ::open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno != EACCES;
  ::close(file);
  return true;
}

}  // namespace rationale
