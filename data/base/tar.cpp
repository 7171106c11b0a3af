#include "data/base/tar.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "data/base/checked_folder.h"
#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 33;  ///< eleven octal digits

// Fields of a header: where they begin and how long they are.
struct Field {
  std::size_t at, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kOwner{108, 8}, kGroup{116, 8}, kSize{124, 12}, kTime{136, 12},
    kSum{148, 8}, kType{156, 1}, kMagic{257, 8}, kPrefix{345, 155};

using Header = std::array<char, kBlock>;

void put(Header& header, Field field, std::string_view text) {
  std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(field.at));
}

void put_octal(Header& header, Field field, std::uint64_t value) {
  put(header, field, fmt::format("{:0{}o}", value, field.size - 1));
}

std::string text_of(const Header& header, Field field) {
  const std::string text(header.data() + field.at, field.size);
  return text.substr(0, text.find('\0'));
}

std::uint64_t octal_of(const Header& header, Field field) {
  std::uint64_t value = 0;
  for (const char c : text_of(header, field)) {
    if (c >= '0' && c <= '7') value = 8 * value + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// Of all bytes, those of the sum itself taken as blanks.
std::uint64_t sum_of(Header header) {
  put(header, kSum, "        ");
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  return sum;
}

/// The folder part that goes into the prefix field, so that the rest fits into the name field.
std::size_t split_at(const std::string& name) {
  if (name.size() <= kName.size) return 0;
  const std::size_t slash = name.find('/', name.size() - kName.size - 1);
  if (slash == std::string::npos || slash > kPrefix.size) {
    throw Error(Error::Kind::kInput, "the name is too long for an archive", name, "give the file a shorter name")
        .with_code("name_too_long");
  }
  return slash;
}

[[noreturn]] void refuse(const std::filesystem::path& archive, const std::string& what) {
  throw Error(Error::Kind::kInput, what, archive.string(), "use a whole copy of the archive").with_code("no_archive");
}

bool is_inside(const std::string& name) {
  if (name.empty() || name.front() == '/') return false;
  for (const std::string& part : split(name, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

}  // namespace

TarWriter::TarWriter(const std::filesystem::path& file) : path_(file), part_(file.string() + ".part") {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path_, ignored))) {
    throw Error(Error::Kind::kRefused, "there is something already", path_.string(), "remove it, or give another name")
        .with_code("exists");
  }
  file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) {
    throw Error(Error::Kind::kEnvironment, fmt::format("cannot write: {}", std::strerror(errno)), part_.string(),
                "choose a folder that you may write to")
        .with_code("cannot_write");
  }
}

TarWriter::~TarWriter() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(part_.c_str());
}

void TarWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
      throw Error(Error::Kind::kEnvironment,
                  is_full ? "the disk is full" : fmt::format("cannot write: {}", std::strerror(errno)), path_.string(),
                  "free some space and run the same command again; nothing was lost")
          .with_code(is_full ? "disk_full" : "cannot_write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void TarWriter::begin(const std::string& name, std::uint64_t size) {
  if (size >= kLargest) {
    throw Error(Error::Kind::kInput, "a file of 8 GiB or more does not fit into an archive", name)
        .with_code("too_large");
  }
  Header header{};
  const std::size_t folder = split_at(name);
  put(header, kPrefix, name.substr(0, folder));
  put(header, kName, folder == 0 ? name : name.substr(folder + 1));
  put_octal(header, kMode, 0600);
  put_octal(header, kOwner, 0);
  put_octal(header, kGroup, 0);
  put_octal(header, kSize, size);
  put_octal(header, kTime, 0);
  put(header, kType, "0");
  put(header, kMagic,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(header, kSum, fmt::format("{:06o}", sum_of(header)) + std::string("\0 ", 2));
  write({header.data(), header.size()});
}

void TarWriter::pad(std::uint64_t size) { write(std::string((kBlock - size % kBlock) % kBlock, '\0')); }

void TarWriter::add_bytes(const std::string& name, std::string_view bytes) {
  begin(name, bytes.size());
  write(bytes);
  pad(bytes.size());
  sums_ += fmt::format("{}  {}\n", sha256_hex(bytes), name);
  ++n_files_;
}

void TarWriter::add_file(const std::string& name, const std::filesystem::path& source) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(source, error);
  std::ifstream in(source, std::ios::binary);
  if (error || !in) throw Error(Error::Kind::kInput, "cannot read the file", source.string()).with_code("cannot_read");
  begin(name, size);
  Sha256 sum;
  std::string buffer(std::size_t{1} << 20, '\0');
  std::uint64_t left = size;
  while (left > 0) {
    in.read(buffer.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, buffer.size())));
    const auto n = static_cast<std::size_t>(in.gcount());
    if (n == 0) {
      throw Error(Error::Kind::kInput, "the file became shorter while it was read", source.string(),
                  "run it again when nothing writes there")
          .with_code("cannot_read");
    }
    sum.text({buffer.data(), n});
    write({buffer.data(), n});
    left -= n;
  }
  pad(size);
  sums_ += fmt::format("{}  {}\n", sum.hex(), name);
  ++n_files_;
}

int TarWriter::finish(const std::string& list_name) {
  const std::string list = sums_;
  begin(list_name, list.size());
  write(list);
  pad(list.size());
  write(std::string(2 * kBlock, '\0'));
  const bool is_safe = ::fsync(file_) == 0;
  ::close(file_);
  file_ = -1;
  std::error_code error;
  if (is_safe) std::filesystem::rename(part_, path_, error);
  if (!is_safe || error) {
    ::unlink(part_.c_str());
    throw Error(Error::Kind::kEnvironment, "the archive could not be stored", path_.string(),
                "free some space and try again")
        .with_code("cannot_write");
  }
  return n_files_;
}

std::vector<std::string> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& folder) {
  std::ifstream in(archive, std::ios::binary);
  if (!in) throw Error(Error::Kind::kInput, "cannot read the file", archive.string()).with_code("cannot_read");
  std::map<std::string, std::string> digests;
  std::string last;
  while (true) {
    Header header{};
    if (!in.read(header.data(), static_cast<std::streamsize>(header.size()))) refuse(archive, "the archive ends early");
    if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) break;
    if (octal_of(header, kSum) != sum_of(header) || text_of(header, kMagic).rfind("ustar", 0) != 0) {
      refuse(archive, "this is no archive of a study, or it is damaged");
    }
    const std::string prefix = text_of(header, kPrefix);
    const std::string name = (prefix.empty() ? "" : prefix + "/") + text_of(header, kName);
    if (!is_inside(name) || header[kType.at] != '0')
      refuse(archive, "the archive has an entry that it should not have");
    if (digests.contains(name)) refuse(archive, "the archive has a file twice");
    const std::uint64_t size = octal_of(header, kSize);
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream out(folder / name, std::ios::binary);
    std::filesystem::permissions(folder / name,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    Sha256 sum;
    std::string buffer(std::size_t{1} << 20, '\0');
    for (std::uint64_t left = size; left > 0;) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
      if (!in.read(buffer.data(), static_cast<std::streamsize>(n))) refuse(archive, "the archive ends early");
      sum.text({buffer.data(), n});
      out.write(buffer.data(), static_cast<std::streamsize>(n));
      left -= n;
    }
    in.ignore(static_cast<std::streamsize>((kBlock - size % kBlock) % kBlock));
    if (!out.flush()) {
      throw Error(Error::Kind::kEnvironment, "cannot write", (folder / name).string(), "free some space and try again")
          .with_code("cannot_write");
    }
    digests[name] = sum.hex();
    last = name;
  }
  if (last.empty() || !last.ends_with("SHA256SUMS")) refuse(archive, "the archive has no checksums at its end");
  digests.erase(last);
  return digest_findings(read_file(folder / last), digests);
}

}  // namespace rationale
