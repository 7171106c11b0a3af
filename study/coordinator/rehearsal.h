// A study played through before it is locked: simulated readers, every step, in a marked copy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/base/progress.h"
#include "data/base/utc.h"
#include "data/image/load.h"
#include "study/coordinator/rehearsal_copy.h"

namespace rationale::study {

struct RehearsalRequest {
  StudyFolder study;
  std::filesystem::path out;  ///< the folder that is made
  RehearsalSize size;
  std::uint64_t seed = 1;     ///< of allocation and readers
  UtcTime now{};              ///< of the lock; the readings come as soon after it as the washout allows
  Quiet quiet = Quiet::kNo;
  LoadFilm load = {};         ///< who reads the films; empty: this process
};

struct RehearsalReport {
  std::string study_id;
  int n_readers = 0, n_cases = 0, n_periods = 0, n_readings = 0;
  std::int64_t package_bytes = 0;        ///< of all packages of the rehearsal
  std::int64_t study_package_bytes = 0;  ///< of the study's own, if its other films are no larger
  std::filesystem::path report;
  struct Step {
    std::string what;
    double seconds = 0;
  };
  std::vector<Step> steps;
};

/// Copies, enrols, locks, and for each period packages, lets simulated readers read, and merges; then verifies,
/// closes, unblinds, verifies the allocation and analyses: the code of the commands, with keys that exist only
/// in memory. `out` holds `study`, `release` and `outbox` then; after an error it is not there.
/// @throws Error (kRefused, "exists") if `out` is there; what the steps throw
RehearsalReport rehearse(const RehearsalRequest& request);

}  // namespace rationale::study
