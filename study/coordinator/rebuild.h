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

/// A reading with something in it that does not open or answers no question: it counts as not read.
struct Unreadable {
  int position = 0;
  std::string code, why;
};

struct OpenReadings {
  std::vector<Reading> readings;       ///< closed ones; unreadable ones without answers, `dnf` says why
  std::vector<Unreadable> unreadable;
};

/// A reader's readings with what was sealed opened.
OpenReadings open_readings(const Protocol& protocol, const PeriodState& period, const DataKey& data_key);

}  // namespace rationale::study
