// Values of this room as the JSON of results.json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/randomisation.h"
#include "study/statistics/ratio.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// The block `OR.<method>` or `OR_unbiased`.
nlohmann::ordered_json to_json(const ObuchowskiRockette& result, const Eigen::MatrixXd& covariance,
                               const StudyReadings& study);

nlohmann::ordered_json to_json(const NotEstimable& verdict);
nlohmann::ordered_json ratio_json(const std::variant<Ratio, NotEstimable>& ratio);
nlohmann::ordered_json randomisation_json(
    const std::variant<RandomisationTest, NotEstimable>& test);

/// "visible - hidden".
std::string difference_name(const StudyReadings& study, int first, int second);

}  // namespace rationale::study
