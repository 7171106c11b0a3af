// What the maps of one method at one layer do on all images together, with intervals over patients.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "explain/quality/interval.h"

namespace rationale::ui {

/// CSV `sample,patient`: the patient of each of `n` images; images that are not named, or without a file, are patients
/// of their own (empty names).
/// @throws Error (kInput) for a number that is no image of the tensor
std::vector<std::string> read_patients(const std::filesystem::path& file, std::size_t n);

/// {"maps","patients","deletion_auc":{"mean","lower","upper","n","patients"},…} of `rows` as printed: means with
/// cluster bootstrap over patients, the hit rate `pointing_hit` by Wilson over patients.
nlohmann::ordered_json summary_of(const nlohmann::ordered_json& rows, const std::vector<std::string>& patients,
                                  const explain::Resampling& resampling);

}  // namespace rationale::ui
