// Releases the packages of a period, when the one before is read and the washout is over.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/coordinator/locked_study.h"

namespace rationale::study {

struct ReleaseOutcome {
  std::string reader;
  int period = 1;
  bool is_released = false;
  std::string why_not;            ///< names the rule and the date
  std::filesystem::path package;  ///< in the outbox
  std::int64_t bytes = 0;
};

/// One outcome a reader, in protocol order. Releasing again writes the same file again.
/// @throws Error (kRefused) if the study is closed; (kRefused, "sealed_packages") if `outbox` is the folder of the
///   sealed packages; (kInput, "unknown_period"); (kInput, "damaged") if a
///   package is not the one that was locked
std::vector<ReleaseOutcome> release_period(LockedStudy& study, int period,
                                           const std::filesystem::path& outbox, UtcTime now);

}  // namespace rationale::study
