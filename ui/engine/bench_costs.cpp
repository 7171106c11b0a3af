#include "ui/engine/bench_costs.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "explain/methods/maps.h"
#include "explain/model/torch_environment.h"
#include "explain/model/whole_model.h"
#include "explain/torch.h"
#include "ui/engine/bench_time.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;
using nlohmann::ordered_json;

constexpr std::array<const char*, 4> kLayers = {"layer1", "layer2", "layer3", "layer4"};
constexpr std::array<const char*, 7> kLayerMethods = {"grad_cam",  "hires_cam",    "grad_cam_pp", "layer_occlusion",
                                                      "layer_ig",  "ablation_cam", "score_cam"};
constexpr std::array<const char*, 3> kInputMethods = {"input_gradient", "ig_gauss_legendre", "occlusion_grid"};
constexpr std::array<int, 2> kClasses = {1, 14};
constexpr double kLongMs = 1000;  // what takes longer is timed once

/// Of the forms that LibTorch has, timed in turns.
std::shared_ptr<WholeModel> fastest_forward(const std::filesystem::path& file, const std::string& device, const at::Tensor& x) {
  std::vector<std::pair<std::shared_ptr<WholeModel>, std::vector<double>>> forms;
  for (const WholeForm form : {WholeForm::kPlain, WholeForm::kFrozen, WholeForm::kFrozenChannelsLast,
                               WholeForm::kOptimizedForInference}) {
    forms.emplace_back(std::make_shared<WholeModel>(file, device, form), std::vector<double>());
  }
  for (int round = -2; round < 7; ++round) {  // two to warm up
    for (auto& [model, times] : forms) {
      const double ms = milliseconds([&, whole = model] { whole->run(x); });
      if (round >= 0) times.push_back(ms);
    }
  }
  return std::ranges::min_element(forms, {}, [](const auto& form) { return median(form.second); })->first;
}

class CostTable {
 public:
  CostTable(const std::filesystem::path& file, const std::string& device)
      : file_(file), device_(device), x_(at::randn({1, 3, 224, 224})), forward_(fastest_forward(file, device, x_)) {}

  /// @param layer  nullptr: the method works at the input
  void add(const char* method, const char* layer) {
    SplitOptions options{.input_shape = x_.sizes().vec(), .mode = Mode::kFast, .device = device_};
    if (layer != nullptr) options.layer = layer;
    const auto split = load_split_model(file_, split_for(method, options));
    ordered_json row{{"method", method}, {"layer", layer == nullptr ? "input" : layer}};
    for (const int classes : kClasses) {
      const double forwards = cost(*split, method, classes);
      row[fmt::format("forwards_{}", classes)] = forwards;
      row[fmt::format("forwards_per_map_{}", classes)] = forwards / classes;
    }
    rows.push_back(std::move(row));
  }

  double forward_ms() const { return median(all_forwards_); }

  ordered_json rows = ordered_json::array();

 private:
  /// In forwards timed before and after it.
  double cost(const SplitModel& split, const char* method, int classes) {
    MapRequest request{.method = method, .targets = {}};
    for (int c = 0; c < classes; ++c) request.targets.push_back({.class_index = c});
    const auto work = [&] { explain_maps(split, *split.run(x_), request); };
    std::vector<double> units, times;
    const auto time_units = [&] {
      for (int i = 0; i < 3; ++i) units.push_back(milliseconds([&] { forward_->run(x_); }));
    };
    time_units();
    times.push_back(milliseconds(work));
    if (times.front() < kLongMs) {
      times.clear();  // it warmed up
      for (int i = 0; i < 5; ++i) {
        times.push_back(milliseconds(work));
        time_units();
      }
    }
    time_units();
    all_forwards_.insert(all_forwards_.end(), units.begin(), units.end());
    return median(times) / median(units);
  }

  std::filesystem::path file_;
  std::string device_;
  at::Tensor x_;
  std::shared_ptr<WholeModel> forward_;
  std::vector<double> all_forwards_;
};

void print_table(const ordered_json& rows) {
  fmt::print("| method | layer | 1 class | 14 classes | of it one map |\n|---|---|---:|---:|---:|\n");
  for (const ordered_json& row : rows) {
    const auto number = [&](const char* key) {
      const double value = row[key].get<double>();
      return fmt::format("{:.{}f}", value, value < 20 ? 1 : 0);
    };
    fmt::print("| `{}` | {} | {} | {} | {} |\n", row["method"].get<std::string>(), row["layer"].get<std::string>(),
               number("forwards_1"), number("forwards_14"), number("forwards_per_map_14"));
  }
}

}  // namespace

int run_bench_costs(const CommandLine& line, const std::filesystem::path& file) {
  torch::manual_seed(2);
  CostTable table(file, line.common.device);
  Progress progress("rows", kInputMethods.size() + kLayerMethods.size() * kLayers.size(), line.common.progress());
  for (const char* method : kInputMethods) {
    table.add(method, nullptr);
    progress.update(table.rows.size());
  }
  for (const char* method : kLayerMethods) {
    for (const char* layer : kLayers) {
      table.add(method, layer);
      progress.update(table.rows.size());
    }
  }
  if (line.common.json) {
    print_json("rationale.bench", {{"what", "costs"},
                                   {"model", "resnet18"},
                                   {"input_shape", {1, 3, 224, 224}},
                                   {"forward_ms", table.forward_ms()},
                                   {"threads", thread_count()},
                                   {"torch", torch_version()},
                                   {"rows", table.rows}});
  } else {
    fmt::print("In forwards of {:.1f} ms (ResNet-18, one 224 x 224 image, {} threads):\n\n", table.forward_ms(), thread_count());
    print_table(table.rows);
  }
  return 0;
}

}  // namespace rationale::ui
