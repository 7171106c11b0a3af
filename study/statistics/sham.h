// The true explanation against a sham one: an effect that a sham also has is an effect of the display.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "study/statistics/study_readings.h"

namespace rationale::study {

/// {sham arm: {"visible - sham": {fpr: {RRRC, FRRC}, sensitivity: …}, "sham - hidden": …}}, of the sham arms that the
/// file has. @param options  arms [control, treated]; empty: hidden, visible
/// @pre load_readings takes this table and these options
nlohmann::ordered_json sham_json(const CsvTable& table, const ReadingsOptions& options, const std::vector<std::string>& shams);

}  // namespace rationale::study
