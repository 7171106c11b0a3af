// The analysis of a free-response study as JSON; key names as in golden/statistics froc_*.json.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/froc.h"

namespace rationale::study {

/// arms, readers, numbers of cases and lesions, cluster, figures_of_merit (arms x readers), and OR_jackknife of each of
/// them, patients left out one by one (the unit is the case where each patient has one), with DBM: the blocks of `rationale analyse` (differences second arm minus first), and in the same
/// objects RJafroc's tables under its names (FTests, ciDiffTrt …: first minus second, as their rows say).
/// Fewer than two arms or readers: a verdict in place of OR_jackknife.
nlohmann::ordered_json froc_json(const FrocStudy& study);

}  // namespace rationale::study
