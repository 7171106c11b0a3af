// Values of this room as the JSON of results.json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "study/statistics/nested.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/randomisation.h"
#include "study/statistics/ratio.h"
#include "study/statistics/reader_permutation.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// What is sampled: patients, who may have several cases. @param of_clusters  the note where they have
nlohmann::ordered_json cluster_json(const PatientFacts& facts, const std::string& of_clusters);

/// The block `OR.<method>` or `OR_unbiased`.
nlohmann::ordered_json to_json(const ObuchowskiRockette& result, const Eigen::MatrixXd& covariance,
                               const StudyReadings& study);

/// The block `OR_nested` of readers that read in one arm each.
nlohmann::ordered_json nested_json(const NestedResult& result, const StudyReadings& study);

/// {"status":"ok", estimate, se, df (null: normal), t|z, p, lower, upper} or {"status":"not_estimable", …}.
nlohmann::ordered_json to_json(const Outcome& outcome);
nlohmann::ordered_json to_json(const NotEstimable& verdict);
nlohmann::ordered_json ratio_json(const std::variant<Ratio, NotEstimable>& ratio);
nlohmann::ordered_json randomisation_json(
    const std::variant<RandomisationTest, NotEstimable>& test);
/// Of parallel groups: "design" and "readers" {reader: {arm, positive, n}} in the place of per_reader.
nlohmann::ordered_json reader_permutation_json(const std::variant<ReaderPermutation, NotEstimable>& test, const StudyReadings& study);

/// "visible - hidden".
std::string difference_name(const StudyReadings& study, int first, int second);

}  // namespace rationale::study
