// The text file that iMRMC (Java 4, R 2) reads.
#pragma once

#include <string>

#include "study/export/peer_names.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// A title, the sizes N0, N1, NR, NM, "BEGIN DATA:", one row of truth a case, one row a reading; no row for a missing
/// reading, no blank line at the end. Both programs' rules are kept at once: docs/exports.md.
/// @param title  of the study; words that iMRMC would take for a size or for the start of the data lose their colon
std::string imrmc_text(const StudyReadings& study, const StudyNames& names, const std::string& title);

/// Whether iMRMC (Java) would silently leave a reader out: it needs three normal and three diseased cases in each arm.
bool loses_readers_in_imrmc(const StudyReadings& study);

}  // namespace rationale::study
