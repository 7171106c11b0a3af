// What the readings that were planned and not finished could have changed: worst case, best case, and where between
// them the answer tips.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Readings without a row in a paired study: a reader has a case in one arm and not in the other, while most of what is
/// read at all is read in both arms. Where it is not most (readers nested in arms, other cases in the other arm) the
/// design, not a loss, may be why, and nothing is returned. Two arms.
std::vector<MissingReading> absent_partners(const StudyReadings& study);

/// The block "missing": n, of which empty_ratings and absent_rows (absent_partners), and by arm; for fpr and sensitivity
///   bounds: the RRRC difference with every missing reading called so that the second arm looks best (lowest FPR,
///     highest sensitivity) and so that it looks worst
///   tipping_point: the missing calls turn from best to worst one after the other, over the readers in turn; where p
///     crosses alpha first (`n_turned` of `of`, at most 100 places), with the share of each arm's missing calls that is
///     positive there (null: none is missing in that arm), or that it never does. All calls are 0 or 1.
/// A reading with an empty rating counts where its reader and its case have others. Without missing readings: {"n": 0}.
nlohmann::ordered_json missing_json(const StudyReadings& study, double alpha);

}  // namespace rationale::study
