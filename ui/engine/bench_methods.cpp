#include "ui/engine/bench_methods.h"

#include <optional>
#include <vector>

#include "explain/methods/maps.h"
#include "explain/torch.h"
#include "ui/engine/bench_time.h"

namespace rationale::ui {
namespace {

struct Subject {
  const char* method;
  std::optional<double> goal;  ///< in forwards
  int repeats;
};

// Score-CAM runs once a channel: 512 and a tenth. 50 forward and backward passes: 110.
constexpr Subject kSubjects[] = {
    {"grad_cam", 1.15, 9},          {"layer_occlusion", std::nullopt, 5}, {"layer_ig", std::nullopt, 5},
    {"ablation_cam", 3, 5},         {"input_gradient", std::nullopt, 5},  {"ig_gauss_legendre", 110, 1},
    {"occlusion_grid", std::nullopt, 1}, {"score_cam", 512 * 1.1, 1}};

}  // namespace

nlohmann::ordered_json bench_methods(const std::filesystem::path& file, const std::string& layer,
                                     const std::string& device, const std::function<void()>& forward) {
  torch::manual_seed(2);
  const at::Tensor x = at::randn({1, 3, 224, 224});
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Subject& subject : kSubjects) {
    explain::SplitOptions options;
    if (explain::find_method(subject.method).level == explain::Level::kLayer) options.layer = layer;
    options.input_shape = x.sizes().vec();
    options.mode = explain::Mode::kFast;
    options.device = device;
    const auto split = explain::load_split_model(file, explain::split_for(subject.method, options));
    const auto work = [&] {
      const auto run = split->run(x);
      explain::explain_maps(*split, *run, {.method = subject.method, .targets = {{.class_index = 0}}});
    };
    if (subject.repeats > 1) work();  // warm
    std::vector<double> units, times;
    const auto time_units = [&] {
      for (int i = 0; i < 3; ++i) units.push_back(milliseconds(forward));
    };
    time_units();
    for (int i = 0; i < subject.repeats; ++i) {
      times.push_back(milliseconds(work));
      time_units();
    }
    const double unit = median(units), time = median(times), forwards = time / unit;
    nlohmann::ordered_json row{
        {"method", subject.method}, {"ms", time}, {"forward_ms", unit}, {"forwards", forwards}, {"goal", nullptr}};
    if (subject.goal) {
      row["goal"] = *subject.goal;
      row["within_goal"] = forwards <= *subject.goal;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace rationale::ui
