// The two tables a study is made from: the case manifest, which everybody may see, and the truth, which
// nobody may.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "study/protocol/protocol.h"

namespace rationale::study {

struct StudyCase {
  std::string id;       ///< letters, digits, '_', '.', '-'; at most 64
  std::string patient;  ///< empty: not stated
  std::vector<std::filesystem::path> files;    ///< absolute
  std::map<std::string, std::string> columns;  ///< public columns: strata
  bool is_training = false;
  std::string where;    ///< "cases.csv:12", for messages
};

struct Manifest {
  std::vector<StudyCase> cases;  ///< by id, byte order
  std::string sha256;            ///< of the file
};

/// UTF-8 CSV: case, file (file2, file3 …: more films of a case), patient, training (0/1), public columns;
/// box_x, box_y, box_w, box_h are kept as columns. File names are relative to the manifest.
/// @throws Error (kInput) "other_file" if it is not the file whose digest the protocol states; with file:line for a
///   missing column, a bad or repeated id, a file that is not there, a number of cases other than the protocol's, a stratum's column that is missing, and a column
///   named as the protocol's truth label: the manifest is read by people who must not know it
Manifest read_manifest(const std::filesystem::path& file, const Protocol& protocol);

struct Truth {
  std::map<std::string, std::string> label;  ///< case id → the value of the truth column
  std::string bytes;                         ///< of the file: what is sealed
};

/// Columns case and the protocol's truth label (others, such as locations, are kept in the bytes).
/// @throws Error (kInput) "other_file" as read_manifest; with file:line if the cases are not exactly the manifest's, a
///   label is empty, or no case (or every case) has the positive value
Truth read_truth(const std::filesystem::path& file, const Protocol& protocol,
                 const Manifest& manifest);

/// The same from bytes that were sealed. @param name  for messages
Truth parse_truth(std::string bytes, const std::string& name, const Protocol& protocol);

}  // namespace rationale::study
