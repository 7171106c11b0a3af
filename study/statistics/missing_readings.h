// What the readings that were planned and not finished could have changed: worst case, best case, and where between
// them the answer tips.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// The block "missing": n and by arm; for fpr and sensitivity
///   bounds: the RRRC difference with every missing reading called so that the second arm looks best (lowest FPR,
///     highest sensitivity) and so that it looks worst
///   tipping_point: missing calls are set to the probability lambda in the second arm and 1 - lambda in the first;
///     where, from best to worst, p crosses alpha (steps of 0.01), or that it never does.
/// A reading counts where its reader and its case have others. Without missing readings: {"n": 0}.
nlohmann::ordered_json missing_json(const StudyReadings& study, double alpha);

}  // namespace rationale::study
