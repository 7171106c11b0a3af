#include "study/log/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "data/base/error.h"

namespace rationale::study {
namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(Error::Kind::kEnvironment,
              is_full ? "the disk is full (or a size limit is reached)"
                      : fmt::format("cannot write: {}", std::strerror(error)),
              path.string(),
              is_full ? "free some space and try again" : "choose a folder that you may write to")
      .with_code(is_full ? "disk_full" : "cannot_write");
}

/// Zero, or the errno of what failed.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

void make_private_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::is_directory(folder, ignored)) return;
  make_private_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail(folder, errno);
}

void write_private_file(const std::filesystem::path& path, std::string_view bytes) {
  make_private_folder(path.parent_path());
  const std::string beside = fmt::format("{}.{}.part", path.string(), ::getpid());
  ::unlink(beside.c_str());  // of a process with our number that died
  const Descriptor file(
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) fail(path, errno);
  int error = write_all(file.number(), bytes);
  if (error == 0 && ::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(beside.c_str());
    fail(path, error);
  }
  flush_folder_of(path);
}

void flush_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor entry(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!entry.is_open() || ::fsync(entry.number()) != 0) fail(folder, errno);
}

std::string read_private_file(const std::filesystem::path& path, std::size_t limit) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Error::Kind::kInput, what, path.string(), "check the name and that it is yours")
        .with_code("cannot_read");
  };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) refuse(fmt::format("cannot read the file: {}", std::strerror(errno)));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) refuse("not a file");
  if ((status.st_mode & 077) != 0) {
    throw Error(Error::Kind::kRefused, "others may read or write this file", path.string(),
                fmt::format("if nobody did, close it: chmod 600 '{}'", path.string()))
        .with_code("not_private");
  }
  if (static_cast<std::size_t>(status.st_size) > limit) {
    refuse(fmt::format("the file has more than {} bytes", limit));
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file.number(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) refuse("reading stopped half way");
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

}  // namespace rationale::study
