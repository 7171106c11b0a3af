#include "data/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "data/base/error.h"

namespace rationale {
namespace {

[[noreturn]] void throw_write_error(const std::filesystem::path& path, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(Error::Kind::kEnvironment,
              is_full ? "the disk is full (or a size limit is reached)"
                      : fmt::format("cannot write: {}", std::strerror(error)),
              path.string(),
              is_full ? "free some space and run the same command again; nothing was lost"
                      : "choose a folder that you may write to")
      .with_code(is_full ? "disk_full" : "cannot_write");
}

/// Fills `bytes` as far as the file goes. @return  how far that is
std::size_t read_up_to(int file, std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

int open_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    throw Error(Error::Kind::kInput, fmt::format("cannot read the file: {}", std::strerror(errno)),
                path.string(), "check the name and that you may read it")
        .with_code("cannot_read");
  }
  return file;
}

std::string read_file(int file, const std::filesystem::path& path, std::size_t limit) {
  struct stat status {};
  std::string bytes;
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw Error(Error::Kind::kInput, "not a regular file", path.string(), "give a file");
  }
  if (static_cast<std::size_t>(status.st_size) > limit) {
    throw Error(Error::Kind::kInput,
                fmt::format("the file has {} bytes, more than the {} accepted here", status.st_size,
                            limit),
                path.string())
        .with_code("too_large");
  }
  bytes.resize(static_cast<std::size_t>(status.st_size));
  const std::size_t done = read_up_to(file, bytes);
  if (done < bytes.size()) {
    throw Error(Error::Kind::kInput, "reading stopped half way", path.string());
  }
  return bytes;
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const int file = open_file(path);
  try {
    std::string bytes = read_file(file, path, limit);
    ::close(file);
    return bytes;
  } catch (...) {
    ::close(file);
    throw;
  }
}

std::string read_head(const std::filesystem::path& path, std::size_t size) {
  const int file = open_file(path);
  std::string bytes(size, '\0');
  bytes.resize(read_up_to(file, bytes));
  ::close(file);
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  const std::string beside = fmt::format("{}.{}.part", path.string(), ::getpid());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) throw_write_error(path, errno);
  const auto fail = [&](int error) {
    ::close(file);
    ::unlink(beside.c_str());
    throw_write_error(path, error);
  };
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file) != 0) fail(errno);
  ::close(file);
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    throw_write_error(path, error);
  }
}

std::filesystem::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return cache;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return std::filesystem::path(home) / ".cache";
  }
  return {};
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "rationale-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw_write_error(name, errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace rationale
