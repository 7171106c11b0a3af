// The results of a study as a table for people at a terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

/// False positives first and never without the sensitivity; each row says what it generalises to.
std::string analyse_table(const nlohmann::ordered_json& results);

/// "-4.8 (-15.6 to +6.0), df 2.13, p = 0.204", or the reason. @param scale  100 for percentage points
std::string outcome_text(const nlohmann::ordered_json& outcome, double scale, int digits);

}  // namespace rationale::ui
