// What a heatmap costs beside a forward pass, of one model, size, batch and number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

struct OverheadSetting {
  std::filesystem::path file;  ///< TorchScript, [N,3,size,size] → [N, at least 14]
  std::string layer;
  std::int64_t size = 224, batch = 1;
  int rounds = 15;  ///< interleaved; at least five, then no longer than a minute and a half
  std::string device = "cpu";
};

struct Overhead {
  nlohmann::ordered_json json;     ///< "prefix", "best_forward", "best_forward_ms", "rows", "naive_over_grad_cam", "memory"
  std::function<void()> forward;   ///< the fastest whole model, once
  double grad_cam = 0;             ///< forward + Grad-CAM of one class, over the best forward
  double everything = 0;           ///< forward + Grad-CAM of 14 classes + slopes along 20 directions, likewise
  double naive = 0;                ///< uncut, with gradients of all parameters: over forward + Grad-CAM
  double memory = 0;               ///< weights and working memory of `everything`, over those of the best forward
};

/// Each of the four whole forms, the cut model and the naive way once a round, in another order each round; a ratio is
/// the median of the rounds' ratios. Memory is measured apart, each alone.
Overhead measure_overhead(const OverheadSetting& setting);

}  // namespace rationale::ui
