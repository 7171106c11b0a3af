// What the blocks of all metrics have in common (metric_block.h, accuracy_block.h).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/statistics/analysis_plan.h"
#include "study/statistics/primary.h"
#include "study/statistics/results_json.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// Why a metric that needs cases of such truths cannot be had: "no_normal_cases", "no_diseased_cases".
std::optional<NotEstimable> missing_class(const StudyReadings& study, bool needs_normal, bool needs_diseased, const std::string& name);

/// {reader: {arm: value, or why there is none}}
nlohmann::ordered_json values_json(const StudyReadings& study, const Merits& merits);

/// Whether readers are crossed with arms, two or more of each, with a covariance.
bool can_run_or(const Merits& merits);

/// The cells that a bootstrap of nested readers resamples: each reader in the reader's own arm. Empty unless two arms have
/// readers enough for a difference and a covariance.
std::vector<int> nested_cells(const Merits& merits);

/// The block `method` of one covariance. @pre can_run_or
void put_or(nlohmann::ordered_json& json, const char* method, const Merits& merits, const Eigen::MatrixXd& covariance,
            const StudyReadings& study);

const char* name_of(CovarianceMethod method);

/// Leaves readings of cases that the same reader read in both arms. @return  how many others there were
int keep_paired(CaseReadings& readings, Eigen::Index n_readers);

/// A block of each pair of more than two arms.
template <typename Block>
void put_pairs(nlohmann::ordered_json& json, const StudyReadings& study, const Block& block) {
  if (study.arms.size() < 3) return;
  const int n = static_cast<int>(study.arms.size());
  for (int a = 0; a < n; ++a) {
    for (int b = a + 1; b < n; ++b) json["pairs"][difference_name(study, a, b)] = block(study.with_arms({a, b}));
  }
}

}  // namespace rationale::study
