// An unblinded study as files for a statistician: readings, results, peers' formats, tables, protocol and lock.
#pragma once

#include <filesystem>

#include "study/coordinator/unblind.h"
#include "study/export/export.h"

namespace rationale::study {

/// Analyses the study as its protocol says and gathers the files of `parts`; with kTables also study_tables and
/// repeats.csv. @pre `opened` is of this study (read_unblinded): nothing is exported before unblinding, since every
/// file of readings has the arm or the truth in it
ExportSet study_export(LockedStudy& study, const Opened& opened, const ExportParts& parts = all_export_parts());

}  // namespace rationale::study
