// The lock: truth, seed and allocation are sealed, all packages of all periods are made, and a folder comes
// out that the coordinator may have: it holds no truth, no allocation and no explanation.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/base/progress.h"
#include "data/base/utc.h"
#include "data/image/load.h"
#include "study/allocation/stream.h"
#include "study/coordinator/certificate.h"
#include "study/coordinator/study_folder.h"

namespace rationale::study {

struct LockRequest {
  StudyFolder study;                ///< the allocator's: protocol, enrolment, manifest, truth, explanations
  std::filesystem::path release;    ///< the folder that is made for the coordinator
  std::vector<SigningKey> signers;  ///< one for each of signatures.roles, in order
  UtcTime now{};
  std::optional<Seed> seed;         ///< synthetic studies only; else from the system's random numbers
  Quiet quiet = Quiet::kNo;
  LoadFilm load = {};               ///< who reads the films; empty: this process
};

struct LockReport {
  Certificate certificate;
  int n_cases = 0, n_readings = 0;
};

/// @throws Error (kInput) for what the protocol's files lack, naming file and line; (kRefused, "locked") if
///   the study is locked already; (kRefused, "exists") if release.part is there; (kRefused, "signatures") if a key
///   signs for two roles; (kRefused, "not_enrolled") naming who is missing; (kRefused,
///   "not_supported") for designs that this version cannot run; (kInput, "one_class") if a reader would see
///   only one class in an arm. Nothing is left behind then.
LockReport lock_study(const LockRequest& request);

}  // namespace rationale::study
