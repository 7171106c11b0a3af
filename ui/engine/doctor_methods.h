// Which methods a model can be explained with, why not with the others, and what each costs here.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "data/arrays/array.h"
#include "explain/model/split_model.h"

namespace rationale::ui {

/// One object for each method: "method", "suitable", "reason", "remedy", "tried" (it was run on the input), "forwards"
/// and "ms" (an estimate for one image and class: how often the parts run × what one run of each took), "caution".
/// Methods that run the network only a few times are tried; the others are suitable if the model can be cut where
/// they work.
/// @param at_layer  cut at the layer; null if no layer can be explained, for the reason `refusal`
/// @param image     [1,C,(D,)H,W]
nlohmann::ordered_json judge_methods(const std::filesystem::path& file, const explain::SplitModel* at_layer,
                                     const std::string& refusal, const std::string& output,
                                     const std::string& device, const FloatArray& image);

}  // namespace rationale::ui
