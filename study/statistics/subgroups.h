// The same difference in parts of the cases, and whether it differs between them.
#pragma once

#include <nlohmann/json.hpp>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/primary.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Difference of differences, `part` minus `rest`, of two disjoint sets of cases read by the same readers: with
/// d_j = D_j(part) - D_j(rest),
///   Var = s^2(d)/J + 2 max(Cov2 - Cov3, 0) of part + the same of rest,  df = Var^2 (J-1) / (s^2(d)/J)^2
/// (Hillis's formula for a contrast of readers; cases of the parts are independent).
/// @return  NotEstimable "one_arm", "one_reader", "empty_cell", "no_case_covariance", "zero_variance"
Outcome interaction(const Merits& part, const Merits& rest);

/// Means of readers, which have no covariance over cases: the paired t test of the readers' d_j.
/// @return  as interaction(), or "zero_variance_zero_difference"
Outcome interaction_over_readers(const Merits& part, const Merits& rest);

/// The block "subgroups": {id: {column, metric, is_declared, levels: {value: {n_cases, counts, RRRC, FRRC,
/// interaction}}}}; of confidence and time paired_t_over_readers in the place of RRRC and FRRC, of rates alone counts.
/// A level below `min_cases` gets the verdict "too_few_cases", and so does the interaction with it; an area needs so many
/// cases of each truth.
/// @param metric  auc, fpr, sensitivity, specificity, confidence or time
nlohmann::ordered_json subgroups_json(const StudyReadings& study, const std::vector<PlannedSubgroup>& subgroups,
                                      const std::string& metric, bool is_declared);

}  // namespace rationale::study
