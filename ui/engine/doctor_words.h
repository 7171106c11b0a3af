// Parts of what `doctor` prints for people.
#pragma once

#include <nlohmann/json.hpp>

namespace rationale::ui {

/// Modules that the file keeps in training mode; nothing if there are none. @param report  doctor's JSON
void print_training(const nlohmann::ordered_json& report);

/// Which methods can be used, at what price, and why not the others. @param methods  of judge_methods
void print_methods(const nlohmann::ordered_json& methods);

}  // namespace rationale::ui
