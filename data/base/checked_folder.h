// A folder of files with SHA256SUMS, as `sha256sum -c` checks it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace rationale {

/// Name of a file, "/" between folders → its bytes.
using FileSet = std::map<std::string, std::string>;

/// One line a file: 64 hex digits, two spaces, the name. In the order of the names.
std::string checksum_list(const FileSet& files);

/// Writes `files` and SHA256SUMS. A folder that is not there yet is made beside and renamed: it appears whole or
/// not at all. In one that is there, each file is replaced whole; SHA256SUMS goes first and comes back last, so
/// that a folder without it is known to be unfinished. Other files in it stay.
/// @throws Error (kEnvironment) if the disk is full or the folder may not be written
void write_checked_folder(const std::filesystem::path& folder, const FileSet& files);

/// What does not agree with a checksum list: "NAME: changed", "NAME: missing", "NAME: not in SHA256SUMS"; empty if
/// all does. @throws Error (kInput, "bad_checksums") for a list that checksum_list does not write
std::vector<std::string> checksum_findings(const std::string& list, const FileSet& files);
/// The same of files that are not in memory. @param digests  name → SHA-256, 64 hex
std::vector<std::string> digest_findings(const std::string& list, std::map<std::string, std::string> digests);

}  // namespace rationale
