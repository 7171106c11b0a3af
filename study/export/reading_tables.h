// The readings as tables: long.csv, as they were analysed, and mrmcaov.csv, as MRMCaov takes them.
#pragma once

#include <map>
#include <string>

#include "study/export/peer_names.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// What the table of readings says of a case beyond StudyReadings; by original case id, cells as they stand there.
struct CaseLabels {
  std::map<std::string, std::string> patient, stratum;  ///< empty: the table has no such column
};
CaseLabels case_labels(const CsvTable& readings);

/// reader,case,patient,arm,truth,rating,positive,confidence,time_s,period,ai_positive: a row a reading, ordered by
/// reader, arm, truth, case; original names. Missing readings have no row, missing cells are empty. patient is the
/// case where the file has none.
std::string long_csv(const StudyReadings& study, const CaseLabels& labels);

/// reader,treatment,case,truth,rating[,positive]: names of id_map.csv; truth 0, 1; no missing value anywhere.
std::string mrmcaov_csv(const StudyReadings& study, const StudyNames& names);

}  // namespace rationale::study
