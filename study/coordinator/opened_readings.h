// An unblinded study's readings beside what was sealed about their cases: what tables are made from.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "study/coordinator/unblind.h"

namespace rationale::study {

struct CaseFacts {
  std::string patient, stratum;  ///< stratum: the protocol's columns, joined by '|'
  std::string truth;             ///< "1": the protocol's positive label, else "0"
  std::string ai_positive;       ///< "1", "0"; empty: no AI
  std::map<std::string, std::string> columns;  ///< public ones
};
std::map<std::string, CaseFacts> case_facts(LockedStudy& study, const Opened& opened);

/// Closed readings by (reader, period, position); unreadable ones without answers.
std::map<std::tuple<std::string, int, int>, Reading> opened_readings(LockedStudy& study, const Opened& opened);

/// The last answer to a question as a cell: a level, levels joined by ';', a number (vas: 0 to 100); empty: none.
std::string answer_text(const Reading& reading, const std::string& question);

/// "1" or "0".
std::string flag_cell(bool is_true);

}  // namespace rationale::study
