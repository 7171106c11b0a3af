// A small copy of a study that is marked REHEARSAL and that nobody can mistake for the study.
#pragma once

#include <filesystem>
#include <optional>

#include "study/allocation/stream.h"
#include "study/coordinator/study_folder.h"

namespace rationale::study {

struct RehearsalSize {
  std::optional<int> readers;  ///< the protocol's first ones; none: all
  int cases = 20;              ///< both classes as often as in the study, evenly from the manifest; at least 4; 0: all
};

/// Writes a study folder into `out`: the protocol with another id, "REHEARSAL" in its title, synthetic = true,
/// fewer readers and cases and nobody's key; the manifest of the chosen cases, and their truth dealt out to them
/// anew: no case's own truth leaves the study (rule I6); a link to the explanations. Films stay where they are.
/// @throws Error (kRefused, "locked") after the lock; (kUsage) for more readers than the protocol has; as
///   read_study_protocol, read_manifest and read_truth for the study itself
StudyFolder copy_for_rehearsal(const StudyFolder& study, const std::filesystem::path& out, const RehearsalSize& size,
                               const Seed& seed);

}  // namespace rationale::study
