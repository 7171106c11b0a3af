// cases.csv: which files are the cases, and what is known of them; and digests of their pixels.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/image/image.h"

namespace rationale {

struct Case {
  std::string name;
  std::filesystem::path file;  ///< absolute, as resolved from the table's folder
  std::string patient;         ///< empty if the table has no such column, or an empty cell
  /// Every column of the table, `case`, `file` and `patient` among them.
  std::map<std::string, std::string> columns;
  std::string where;  ///< "cases.csv:12", for messages
};

enum class MissingFiles {
  kRefuse,  ///< a table with a missing file is an error
  kKeep     ///< each case answers for itself when it is loaded: see check_case_file
};

/// Columns `case` and `file` are needed, `patient` is known, all others are kept.
/// @throws Error (kInput) with file:line for a missing column, an empty or repeated case name, an
/// empty
///         file name, no cases at all, and with kRefuse for a file that is not there
std::vector<Case> read_cases(const std::filesystem::path& path,
                             MissingFiles missing = MissingFiles::kRefuse);

/// @throws Error (kInput, code "missing_file") with the table's line if the case's file is not
/// there
void check_case_file(const Case& one);

/// SHA-256 over the names in the list's order: what decides which shard a case belongs to.
std::string names_sha256(const std::vector<Case>& cases);

/// SHA-256 over what decides the pixels and their display: values, size, transform, windows and
/// LUTs, polarity, padding; not over names, dates or how the file was compressed. The key of stored
/// results.
std::string pixel_digest(const Picture& picture);

}  // namespace rationale
