// Files for one person's eyes: mode 0600, no links followed, there whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rationale::study {

/// Makes a folder and those above it that are missing, with 0700; one that is there stays as it is.
/// @throws Error (kEnvironment, "cannot_write")
void make_private_folder(const std::filesystem::path& folder);

/// Writes beside (0600), flushes, renames, flushes the folder. Missing folders are made, with 0700. What
/// stood there is replaced, also a link (not what it leads to).
/// @throws Error (kEnvironment) if the disk is full or the folder may not be written
void write_private_file(const std::filesystem::path& path, std::string_view bytes);

/// Flushes the folder that `path` lies in: a file that was renamed to it is there after a power cut.
/// @throws Error (kEnvironment)
void flush_folder_of(const std::filesystem::path& path);

/// The bytes of a regular file of ours.
/// @throws Error (kInput) if it is missing, a link or no file, or larger than `limit`; (kRefused,
///   "not_private") if others may read or write it
std::string read_private_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace rationale::study
