// Files that are read whole, and files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rationale {

/// The bytes of a regular file.
/// @param limit  refuse larger files: what comes from outside must not fill the memory
/// @throws Error (kInput) if it is missing, not a regular file, unreadable or larger than `limit`
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);

/// The two halves of it, where another process reads what this one may open. The caller closes the descriptor.
int open_file(const std::filesystem::path& path);
std::string read_file(int file, const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);

/// The first `size` bytes, fewer where the file has fewer. @throws Error (kInput) if it cannot be read
std::string read_head(const std::filesystem::path& path, std::size_t size);

/// Writes beside, flushes to disk, then renames: readers see the old file or the new one, never half.
/// Makes the parent folders. The half-written file is removed on failure.
/// @throws Error (kEnvironment) if the disk is full or the folder may not be written
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Where this user's programs keep what they can make again: $XDG_CACHE_HOME, else ~/.cache; empty if neither is known.
std::filesystem::path cache_folder();

/// A folder that is removed, with all in it, when the object goes.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace rationale
