#include "data/base/checked_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale {
namespace {

constexpr const char* kList = "SHA256SUMS";
constexpr std::size_t kHexDigits = 64;

void write_all(const std::filesystem::path& folder, const FileSet& files) {
  for (const auto& [name, bytes] : files) write_file(folder / name, bytes);
  write_file(folder / kList, checksum_list(files));
}

/// The new name reaches the disk.
void flush_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

std::string checksum_list(const FileSet& files) {
  std::string list;
  for (const auto& [name, bytes] : files) list += fmt::format("{}  {}\n", sha256_hex(bytes), name);
  return list;
}

void write_checked_folder(const std::filesystem::path& folder, const FileSet& files) {
  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    std::filesystem::remove(folder / kList, error);
    write_all(folder, files);
    return;
  }
  const std::filesystem::path whole = std::filesystem::absolute(folder / "").lexically_normal().parent_path();
  const std::filesystem::path part = fmt::format("{}.{}.part", whole.string(), ::getpid());
  try {
    write_all(part, files);
    std::filesystem::rename(part, whole, error);
    if (error) {
      throw Error(Error::Kind::kEnvironment, fmt::format("cannot write: {}", error.message()), whole.string(),
                  "choose a folder that you may write to")
          .with_code("cannot_write");
    }
  } catch (...) {
    std::filesystem::remove_all(part, error);
    throw;
  }
  flush_folder(whole.parent_path());
}

std::vector<std::string> checksum_findings(const std::string& list, const FileSet& files) {
  std::map<std::string, std::string> digests;
  for (const auto& [name, bytes] : files) digests[name] = sha256_hex(bytes);
  return digest_findings(list, std::move(digests));
}

std::vector<std::string> digest_findings(const std::string& list, std::map<std::string, std::string> digests) {
  std::vector<std::string> findings;
  for (const std::string& line : split(list, '\n')) {
    if (line.empty()) continue;
    if (line.size() < kHexDigits + 3 || line.compare(kHexDigits, 2, "  ") != 0) {
      throw Error(Error::Kind::kInput, fmt::format("the line \"{}\" is no checksum", printable(line)), kList,
                  "restore the file as it was")
          .with_code("bad_checksums");
    }
    const std::string name = line.substr(kHexDigits + 2);
    const auto found = digests.find(name);
    if (found == digests.end()) {
      findings.push_back(name + ": missing");
      continue;
    }
    if (found->second != line.substr(0, kHexDigits)) findings.push_back(name + ": changed");
    digests.erase(found);
  }
  for (const auto& [name, digest] : digests) findings.push_back(name + ": not in SHA256SUMS");
  return findings;
}

}  // namespace rationale
