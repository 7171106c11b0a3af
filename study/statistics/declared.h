// What the protocol declares to claim, and whether the results claim it: aims, margins and their order.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/analysis_plan.h"

namespace rationale::study {

/// The block "declared" of results.json: the primary claim, then the secondary ones. Familywise error alpha, by serial
/// gates (Westfall & Krishen, J Stat Plan Inference 99:25, 2001): nothing is confirmed without the primary; the fixed
/// sequence goes on at full alpha to the first that is not met; the Holm family comes after the whole sequence.
///
/// Each claim uses the plan's covariance and small-sample method, the primary one also its method
/// (planned_outcome.h). With kRrrcRrfcMax the larger p of the claim by RRRC and by RRFC counts. Where the fixed-reader
/// interval is wider (the reader x arm variance was estimated below 0) the larger p of both counts, and
/// `is_fixed_reader_wider` says so.
/// Superiority needs the better direction as well. Non-inferiority: its one-sided p at alpha/2, doubled; equivalence:
/// two one-sided tests at alpha (multiplicity.h).
/// @param results  with the metrics' blocks
nlohmann::ordered_json declared_json(const nlohmann::ordered_json& results, const AnalysisPlan& plan);

}  // namespace rationale::study
