// The readings of an unblinded study as a table: one row a reader, case and arm. What is analysed.
#pragma once

#include <string>
#include <vector>

#include "study/coordinator/unblind.h"

namespace rationale::study {

struct ReadingsTable {
  std::string csv;                ///< the main readings
  std::string repeats_csv;        ///< repeated cases: for agreement within readers
  // Of the main readings:
  int n_rows = 0, n_not_assessable = 0, n_not_read = 0, n_seen_before = 0;
  int n_unrated = 0;              ///< read and assessable, and without the answer that a rating comes from
};

/// Columns: reader,case,arm,truth,rating,patient,positive,confidence,time_s,period,sequence,stratum,
/// ai_positive,position,code,seen_before,not_assessable,days_since_last,heatmap_on_s,heatmap_toggles, then each
/// subgroup's public column that is not there yet, then each question's answer.
///
/// `positive` is the primary endpoint's question at its threshold. `confidence` is a vas or ordinal answer
/// to the question of a confidence endpoint (else of the first vas), 0-100. `rating` is the answer to the
/// question of an AUC endpoint, if there is one; else +confidence if positive, -confidence if not. A case
/// was not assessed or not read has an empty rating. time_s is the active time. days_since_last: since that reader's
/// reading of that case before. heatmap_on_s is at most the active time, and empty where the arm shows no heatmap or the
/// film was covered in between.
ReadingsTable readings_table(LockedStudy& study, const Opened& opened);

}  // namespace rationale::study
