// The words of one row of the results table: an outcome, its p, its df.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

/// "-4.8 (-15.6 to +6.0), df 2.13, p = 0.204", or the reason. @param scale  100 for percentage points
std::string outcome_text(const nlohmann::ordered_json& outcome, double scale, int digits);

/// "= 0.204" or "< 0.001".
std::string p_text(double p);

/// "df 2.13"; of null: "normal".
std::string df_text(const nlohmann::ordered_json& df);

/// A row: its name in a column of its own, then what there is to say.
std::string line_of(const std::string& name, const std::string& what);

/// The block at the end of a path, or nullptr.
const nlohmann::ordered_json* at(const nlohmann::ordered_json& json, std::initializer_list<const char*> path);

}  // namespace rationale::ui
