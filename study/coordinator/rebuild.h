// The tables of readings and answers, made again from the events: they are never the truth themselves.
#pragma once

#include "study/coordinator/locked_study.h"
#include "study/exchange/blind_journal.h"

namespace rationale::study {

struct RebuildReport {
  int n_readings = 0, n_answers = 0;
  bool is_same = true;  ///< whether the tables were already so
};

/// Without the data key the tables hold positions, codes and times; with it, after unblinding, also answers,
/// marks and flags.
RebuildReport rebuild_readings(LockedStudy& study, const std::optional<DataKey>& data_key = {});

/// A reader's readings with what was sealed opened.
std::vector<Reading> open_readings(const PeriodState& period, const DataKey& data_key,
                                   std::int64_t idle_ms);

}  // namespace rationale::study
