// Takes a reader's bundle into the study, and notes what the protocol would want to know.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/coordinator/locked_study.h"

namespace rationale::study {

struct MergeReport {
  std::string reader;
  int period = 1;
  std::int64_t from_seq = 0, to_seq = 0, n_new = 0;
  std::string receipt;                  ///< to compare with what the reader was shown
  std::vector<std::string> deviations;  ///< new ones, in words
  int n_done = 0, n_items = 0;
};

/// @throws Error (kRefused) if the study is closed or unblinded; (kInput, "other_study"); and what
///   parse_bundle, merge_bundle and check_reader_log throw. Then nothing was merged.
MergeReport merge_file(LockedStudy& study, const std::filesystem::path& bundle, UtcTime now);

}  // namespace rationale::study
