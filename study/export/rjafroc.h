// The workbook that RJafroc reads: sheets TP, FP and Truth.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "data/cases/csv.h"
#include "study/export/peer_names.h"
#include "study/export/workbook.h"
#include "study/statistics/estimate.h"
#include "study/statistics/froc.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Why RJafroc cannot read these readings: it knows only complete factorial designs, "design"; or two different
/// ratings would become one in a workbook, "precision". Nothing: it can.
/// @pre both truths have cases
std::optional<NotEstimable> why_no_workbook(const StudyReadings& study);

/// The three sheets, paradigm ROC. Truth has normal cases first; FP one row a reading of a normal case, TP one a
/// reading of a diseased case. @pre !why_no_workbook(study)
std::vector<Sheet> rjafroc_sheets(const StudyReadings& study, const StudyNames& names);

/// A free-response study: the sheets (paradigm FROC; every mark a row, a case without marks none; lesions numbered
/// 1, 2, … in each case) and the names.
struct FrocExport {
  std::vector<Sheet> sheets;
  std::string id_map_csv;
};
/// @param marks, truth  the tables that `study` was made from (load_froc)
/// @return  NotEstimable "precision" as above
std::variant<FrocExport, NotEstimable> rjafroc_froc(const FrocStudy& study, const CsvTable& marks,
                                                    const CsvTable& truth);

}  // namespace rationale::study
