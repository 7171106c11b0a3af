// The answer of `rationale study power` as text: tables of cases by readers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "ui/command/power_options.h"

namespace rationale::ui {

/// @param answer  what --json prints
std::string power_text(const nlohmann::ordered_json& answer, const PowerOptions& options);

}  // namespace rationale::ui
