// What the methods cost that run a network many times, in forward passes of the same process.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

/// Times each method on one image at the layer of ResNet-18's last stage (the input, where the method works there),
/// one class. Before and after each a few calls of `forward`, the fastest whole model: their median is the unit.
/// @return  rows {"method", "ms", "forward_ms", "forwards", "goal", "within_goal"}; goal null where there is none
nlohmann::ordered_json bench_methods(const std::filesystem::path& file, const std::string& layer,
                                     const std::string& device, const std::function<void()>& forward);

}  // namespace rationale::ui
