// Our statistics against R's on the same readings: how much faster, and whether the numbers agree.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "study/statistics/study_readings.h"

namespace rationale::ui {

/// Times lme4 (the linear mixed model with arm slopes, REML; the logistic one, Laplace) and pROC (areas, DeLong's
/// covariances, and paired test of each reader) through Rscript, once, without R's start; ours as the best of three.
/// @param csv  the readings as a file's bytes, two arms "hidden" and "visible"  @param s  the same, loaded
/// @return  {"rows": [{task, peer, peer_version, ours_ms, peer_ms, ratio, values, largest_difference, agrees}],
///   "missing": [what is not installed]}; largest_difference: of |a - b| / max(1, |b|)
nlohmann::ordered_json time_peers(const std::string& csv, const study::StudyReadings& s);

/// The same as lines for people.
std::string peers_text(const nlohmann::ordered_json& peers);

}  // namespace rationale::ui
