// The analyses of one difference as JSON, as metric_block.h puts them together.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/bdg.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/dbm.h"
#include "study/statistics/primary.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// RRRC, FRRC, RRFC; two arms also small_sample, leave_one_reader_out and, with replicates, bootstrap. Readers
/// nested in arms: "design" and "OR_nested"; their replicates have a row for each reader, in the reader's arm.
void put_differences(nlohmann::ordered_json& block, const Merits& merits, const StudyReadings& study,
                     const AnalysisPlan& plan, const Replicates* replicates);

nlohmann::ordered_json dbm_json(const Dbm& result);
nlohmann::ordered_json auc_bdg_json(const Bdg& bdg);
nlohmann::ordered_json proportion_bdg_json(const Bdg& bdg);

/// The analysis of cases that a reader read in both arms. @param n_dropped  readings left out
nlohmann::ordered_json paired_json(const Merits& merits, int n_dropped);

}  // namespace rationale::study
