// The results of a study as a table for people at a terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

/// False positives first and never without the sensitivity; each row says what it generalises to.
std::string analyse_table(const nlohmann::ordered_json& results);

}  // namespace rationale::ui
