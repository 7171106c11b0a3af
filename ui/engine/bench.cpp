// `rationale bench explain`: what a heatmap costs, as a ratio to the best forward pass of the same
// process.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>

#include "data/base/interrupt.h"
#include "explain/methods/grad_cam.h"
#include "explain/model/split_model.h"
#include "explain/model/torch_environment.h"
#include "explain/model/whole_model.h"
#include "explain/torch.h"
#include "ui/engine/bench_costs.h"
#include "ui/engine/bench_methods.h"
#include "ui/engine/bench_time.h"
#include "ui/engine/bodies.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {
namespace {

using nlohmann::ordered_json;

constexpr double kGoal = 1.15;  // forward + Grad-CAM over the best forward

struct Subject {
  const char* model;
  const char* layer;
  bool has_methods;  ///< also time the methods that run the network many times
};
constexpr Subject kSubjects[] = {{"resnet18", "layer4", true}, {"densenet121", "features.norm5", false}};

struct Candidate {
  std::string name;
  bool is_forward = false;  ///< one of the plain forwards that the others are measured against
  std::function<void()> run;
  std::vector<double> milliseconds;
};

/// Every candidate once a round, the first one another each time, so that a busy moment hits all
/// alike.
void time_rounds(std::vector<Candidate>& candidates, int rounds) {
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      check_interrupt();
      Candidate& candidate =
          candidates[(i + static_cast<std::size_t>(round + 2)) % candidates.size()];
      const auto start = std::chrono::steady_clock::now();
      candidate.run();
      const std::chrono::duration<double, std::milli> taken =
          std::chrono::steady_clock::now() - start;
      if (round >= 0) candidate.milliseconds.push_back(taken.count());
    }
  }
}

void maps_of(const explain::SplitModel& split, const at::Tensor& x, int n_classes) {
  const auto run = split.run(x);
  std::vector<explain::Target> targets(static_cast<std::size_t>(n_classes));
  for (int c = 0; c < n_classes; ++c) targets[static_cast<std::size_t>(c)].class_index = c;
  for (const at::Tensor& gradient : split.gradients(*run, targets)) {
    explain::grad_cam(split.activation(*run), gradient);
  }
}

std::filesystem::path find_model(const std::filesystem::path& folder, const std::string& name) {
  for (const char* ending : {".traced.pt", ".ts.pt", ".pt"}) {
    const auto file = folder / (name + ending);
    if (!folder.empty() && std::filesystem::is_regular_file(file)) return file;
  }
  throw Error(
      Error::Kind::kInput, fmt::format("there is no {}.traced.pt to time", name),
      folder.empty() ? "--models" : folder.string(),
      "make them (Debian's python3-torchvision): /usr/bin/python3 tests/models/make_torchvision.py "
      "FOLDER resnet18 densenet121, then give --models FOLDER")
      .with_code("models_needed");
}

ordered_json bench_one(const Subject& subject, const std::filesystem::path& file,
                       std::int64_t batch, int rounds, const std::string& device) {
  using explain::WholeForm;
  torch::manual_seed(1);
  const at::Tensor x = at::randn({batch, 3, 224, 224});
  std::vector<Candidate> candidates;
  for (const WholeForm form : {WholeForm::kPlain, WholeForm::kFrozen,
                               WholeForm::kFrozenChannelsLast, WholeForm::kOptimizedForInference}) {
    const auto model = std::make_shared<explain::WholeModel>(file, device, form);
    candidates.push_back(
        {std::string("forward_") + name_of(form), true, [model, x] { model->run(x); }, {}});
  }
  explain::SplitOptions options;
  options.layer = subject.layer;
  options.input_shape = {batch, 3, 224, 224};
  options.mode = explain::Mode::kFast;
  options.device = device;
  const std::shared_ptr<explain::SplitModel> split = explain::load_split_model(file, options);
  for (const int n_classes : {1, 14}) {
    candidates.push_back({fmt::format("grad_cam_{}", n_classes),
                          false,
                          [split, x, n_classes] { maps_of(*split, x, n_classes); },
                          {}});
  }
  time_rounds(candidates, rounds);

  double best = 0;
  std::string best_name;
  for (const Candidate& candidate : candidates) {
    const double time = median(candidate.milliseconds);
    if (candidate.is_forward && (best_name.empty() || time < best)) {
      best = time;
      best_name = candidate.name;
    }
  }
  ordered_json result{{"model", subject.model},
                      {"layer", subject.layer},
                      {"batch", batch},
                      {"prefix", split->facts().prefix_variant},
                      {"closed_form_head", split->facts().has_closed_form_head},
                      {"best_forward", best_name},
                      {"best_forward_ms", best}};
  ordered_json rows = ordered_json::array();
  for (const Candidate& candidate : candidates) {
    const auto [low, high] =
        std::minmax_element(candidate.milliseconds.begin(), candidate.milliseconds.end());
    rows.push_back({{"name", candidate.name},
                    {"median_ms", median(candidate.milliseconds)},
                    {"min_ms", *low},
                    {"max_ms", *high},
                    {"ratio", median(candidate.milliseconds) / best}});
  }
  result["rows"] = rows;
  if (subject.has_methods && batch == 1) {
    const auto fastest = std::find_if(candidates.begin(), candidates.end(),
                                      [&](const Candidate& one) { return one.name == best_name; });
    result["methods"] = bench_methods(file, subject.layer, device, fastest->run);
  }
  return result;
}

long peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int run_bench(const CommandLine& line) {
  prepare_engine(line.common, explain::Mode::kFast);
  explain::set_threads(line.common.threads > 0 ? line.common.threads
                                               : 1);  // one thread: the least noise
  if (line.bench.costs) return run_bench_costs(line, find_model(line.bench.models, "resnet18"));
  std::vector<std::pair<Subject, std::filesystem::path>> subjects;
  for (const Subject& subject : kSubjects) {
    subjects.emplace_back(subject, find_model(line.bench.models, subject.model));
  }
  const explain::Blas blas = explain::find_blas();
  ordered_json results = ordered_json::array();
  double worst = 0;
  for (const auto& [subject, file] : subjects) {
    for (const std::int64_t batch : {1, 8}) {
      ordered_json one = bench_one(subject, file, batch, line.bench.rounds, line.common.device);
      if (!line.common.json) {
        fmt::print("{} {}, batch {}: prefix {}, best forward {} {:.1f} ms\n", subject.model,
                   subject.layer, batch, one["prefix"].get<std::string>(),
                   one["best_forward"].get<std::string>(), one["best_forward_ms"].get<double>());
      }
      for (const auto& row : one["rows"]) {
        const std::string name = row["name"];
        if (name.rfind("grad_cam", 0) == 0) worst = std::max(worst, row["ratio"].get<double>());
        if (line.common.json) continue;
        fmt::print("  {:32} {:8.1f} ms ({:.1f} to {:.1f})   ratio {:.2f}\n", name,
                   row["median_ms"].get<double>(), row["min_ms"].get<double>(),
                   row["max_ms"].get<double>(), row["ratio"].get<double>());
      }
      if (!line.common.json && one.contains("methods")) {
        for (const auto& row : one["methods"]) {
          fmt::print("  {:32} {:8.1f} ms, {:.1f} forwards{}\n", row["method"].get<std::string>(),
                     row["ms"].get<double>(), row["forwards"].get<double>(),
                     row["goal"].is_null() ? std::string() : fmt::format(" (goal {:g})", row["goal"].get<double>()));
        }
      }
      results.push_back(std::move(one));
    }
  }
  const ordered_json summary{{"what", "explain"},
                             {"goal", kGoal},
                             {"worst_ratio", worst},
                             {"within_goal", worst <= kGoal},
                             {"rounds", line.bench.rounds},
                             {"threads", explain::thread_count()},
                             {"torch", explain::torch_version()},
                             {"blas", blas.library},
                             {"peak_mb", peak_mb()},
                             {"results", results}};
  if (line.common.json) {
    print_json("rationale.bench", summary);
  } else {
    fmt::print("worst ratio {:.2f} (goal {:.2f}); {} threads, BLAS {}, peak {} MB\n", worst, kGoal,
               explain::thread_count(), blas.library, peak_mb());
  }
  return 0;
}

}  // namespace rationale::ui
