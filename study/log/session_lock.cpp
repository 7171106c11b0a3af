#include "study/log/session_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::study {

SessionLock::SessionLock(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::create_directories(folder, ignored)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
  }
  const std::filesystem::path path = folder / "session.lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) {
    throw Error(Error::Kind::kEnvironment,
                fmt::format("cannot make the session's lock file: {}", std::strerror(errno)),
                path.string(), "choose a folder that you may write to")
        .with_code("cannot_write");
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    char text[32] = {};
    const ssize_t n = ::pread(file_, text, sizeof text - 1, 0);
    ::close(std::exchange(file_, -1));
    const std::string holder(trim(std::string_view(text, n > 0 ? static_cast<std::size_t>(n) : 0)));
    throw Error(Error::Kind::kRefused, fmt::format("process {} has this session open", holder),
                path.string(), "close the other window first")
        .with_code("in_use");
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file_, 0) != 0 ||
      ::pwrite(file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    // The lock holds without it; only the message to a second process is poorer.
  }
}

SessionLock::~SessionLock() {
  if (file_ >= 0) ::close(file_);
}

SessionLock::SessionLock(SessionLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

}  // namespace rationale::study
