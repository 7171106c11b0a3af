// Does it matter when a case was read? Period, the arm of the reading before (carry-over), days since the case was
// last seen. Described, never a result.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// The block "order_effects": for fpr and sensitivity
///   period: second minus first (RRRC, FRRC; readers crossed with periods, each case once in each); of more than two
///     periods `period2`, `period3` …, each minus the first: identity-link GEE beside arm and readers
///   carry_over: coefficient of "the item before was in the second arm", identity-link GEE beside arm, period and
///     readers; days_since_last: the same per day, of the readings that have it; "too_little_spread" where nine tenths
///     of the days, less what arm and readers explain of them, lie within one day
///   Clusters are cases, or patients where they have several.
/// and days_since_last: n, min, median, max. What lacks its column is a verdict.
nlohmann::ordered_json order_effects_json(const StudyReadings& study);

}  // namespace rationale::study
