// Files of one archive in the ustar format (POSIX.1-1988), as every tar reads it. Plain files only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rationale {

/// Writes an archive beside, readable for its owner only, and gives it its name when it is whole. The same files give
/// the same bytes: no owner, no time. Adds SHA256SUMS at its end, so that a cut archive is known.
class TarWriter {
 public:
  /// @throws Error (kRefused, "exists") if `file` is there; (kEnvironment) if it may not be written
  explicit TarWriter(const std::filesystem::path& file);
  ~TarWriter();  ///< removes what is not whole
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  /// @param name  relative, "/" between folders, at most 100 bytes, or more with folders (255 in all)
  /// @throws Error (kInput, "name_too_long", "too_large": 8 GiB or more), (kEnvironment) if the disk is full
  void add_file(const std::string& name, const std::filesystem::path& source);
  void add_bytes(const std::string& name, std::string_view bytes);

  /// @param list_name  of the checksum list, "study/SHA256SUMS". @return how many files are in it
  int finish(const std::string& list_name);

 private:
  void write(std::string_view bytes);
  void begin(const std::string& name, std::uint64_t size);
  void pad(std::uint64_t size);

  std::filesystem::path path_, part_;
  int file_ = -1;
  std::string sums_;
  int n_files_ = 0;
};

/// Unpacks into `folder` (made; files 0600). Nothing is written outside of it.
/// @return  what does not agree with the list in the archive's last file, as checksum_findings words it
/// @throws Error (kInput, "no_archive") for another or a cut file, or a name that leads out of the folder
std::vector<std::string> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& folder);

}  // namespace rationale
