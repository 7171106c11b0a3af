// What a statistician takes away: the readings in the formats of other programs, the results as tables, R scripts that
// compute them anew, and a codebook. One folder with checksums; docs/exports.md says what each file is.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "data/base/checked_folder.h"
#include "data/cases/csv.h"
#include "study/export/adam.h"
#include "study/export/codebook.h"
#include "study/statistics/froc.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Groups of files that can be asked for one by one.
enum class ExportPart {
  kTables,   ///< long.csv, results.csv and, of a study, its tables
  kImrmc,    ///< readings.imrmc
  kRjafroc,  ///< rjafroc.xlsx
  kMrmcaov,  ///< mrmcaov.csv
  kAdam,     ///< adsl.csv, adrdr.csv, adread.csv, adam_define.csv
  kScripts,  ///< R/*.R
};
using ExportParts = std::set<ExportPart>;
ExportParts all_export_parts();

struct ExportInput {
  const StudyReadings& readings;  ///< what was analysed
  const CsvTable& table;          ///< what it was loaded from
  const nlohmann::ordered_json& results;
  std::string study_id, title;
  std::map<std::string, ReaderLabels> readers;
};

/// A file that this study cannot have, and why.
struct LeftOut {
  std::string file, code, reason;
};

struct ExportSet {
  FileSet files;
  std::vector<CodebookRow> codebook;  ///< of `files`
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;  ///< what a user of these files must know
};

/// The files of `parts`, id_map.csv with them. Nothing in them depends on the clock or the machine.
ExportSet export_readings(const ExportInput& input, const ExportParts& parts = all_export_parts());

/// A free-response study: rjafroc.xlsx, id_map.csv, results.json, results.csv. @param marks, truth  its tables
ExportSet export_froc(const FrocStudy& study, const CsvTable& marks, const CsvTable& truth,
                      const nlohmann::ordered_json& results);

/// Adds codebook.csv and README.txt, which name what is there and what is not. Last of all.
void add_guide(ExportSet& set, const std::string& title);

}  // namespace rationale::study
