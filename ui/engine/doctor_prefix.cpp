#include "ui/engine/doctor_prefix.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "data/base/error.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::ui {
namespace {

constexpr int kRounds = 4;  // the first is warm-up
constexpr const char* kVariants[] = {"unoptimised", "frozen", "channels_last", "onednn"};

double ms_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Forward and the gradient of one class, and the device has finished.
void explain_once(const explain::SplitModel& model, const at::Tensor& x) {
  const auto run = model.run(x);
  const at::Tensor g = model.gradients(*run, {{.class_index = 0}}).front();
  if (g.is_cuda()) g.flatten()[0].item<float>();
}

}  // namespace

double best_ms(const std::function<void()>& work) {
  double best = HUGE_VAL;
  for (int round = 0; round < kRounds; ++round) {
    const double ms = ms_of(work);
    if (round > 0) best = std::min(best, ms);
  }
  return best;
}

std::vector<PrefixTiming> time_prefixes(const std::filesystem::path& file, explain::SplitOptions options,
                                        const FloatArray& input) {
  const at::Tensor x = explain::to_tensor(input);
  std::vector<PrefixTiming> timings;
  std::vector<std::unique_ptr<explain::SplitModel>> models;
  options.mode = explain::Mode::kFast;
  for (const char* name : kVariants) {
    options.prefix_variant = name;
    try {
      auto model = explain::load_split_model(file, options);
      if (model->facts().prefix_variant != name) continue;  // the graph does not bear it
      models.push_back(std::move(model));
      timings.push_back({name, HUGE_VAL});
    } catch (const Error& error) {
      if (error.code != "unknown_variant") throw;  // not on this device
    }
  }
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < models.size(); ++i) {
      const double ms = ms_of([&] { explain_once(*models[i], x); });
      if (round > 0) timings[i].ms = std::min(timings[i].ms, ms);
    }
  }
  std::sort(timings.begin(), timings.end(),
            [](const PrefixTiming& a, const PrefixTiming& b) { return a.ms < b.ms; });
  return timings;
}

std::string why_quickest(const std::vector<PrefixTiming>& timings) {
  std::string text;
  for (const PrefixTiming& one : timings) {
    text += text.empty() ? fmt::format("{:.3g} ms an image with Grad-CAM", one.ms)
                         : fmt::format("{} {} {:.3g}", text.find(';') == std::string::npos ? ";" : ",", one.name, one.ms);
  }
  return text;
}

double ms_per_image(const explain::SplitModel& model, const FloatArray& image, int batch) {
  const at::Tensor x = explain::to_tensor(image);
  const at::Tensor all = at::cat(std::vector<at::Tensor>(static_cast<std::size_t>(batch), x));
  return best_ms([&] { explain_once(model, all); }) / batch;
}

}  // namespace rationale::ui
