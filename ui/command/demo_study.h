// The second half of the demo: a whole reader study on made films, from lock to report, with simulated
// readers.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/base/progress.h"

namespace rationale::ui {

struct DemoStudy {
  std::filesystem::path report, package, key;
  nlohmann::json results;
};

/// @param folder  is made anew  @param rationale  runs a command and gives its JSON
DemoStudy run_demo_study(
    const std::filesystem::path& folder, const std::filesystem::path& model_card,
    const std::function<nlohmann::json(std::vector<std::string>)>& rationale, Quiet quiet);

/// The result in a few lines, and how to open the reading app oneself.
std::string demo_study_text(const DemoStudy& study);

}  // namespace rationale::ui
