// The tables of an unblinded study beyond its readings: answers, marks, events, acts, deviations, allocation.
#pragma once

#include <vector>

#include "data/base/checked_folder.h"
#include "study/coordinator/unblind.h"
#include "study/export/codebook.h"

namespace rationale::study {

struct StudyTables {
  FileSet files;  ///< answers, marks, events, acts, deviations, allocation (.csv), protocol.toml, lock.json
  std::vector<CodebookRow> codebook;
};

/// allocation.csv, protocol.toml and lock.json are the bytes whose digests the lock and the certificate name.
StudyTables study_tables(LockedStudy& study, const Opened& opened);

}  // namespace rationale::study
