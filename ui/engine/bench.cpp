// `rationale bench explain`: what a heatmap costs, as a ratio to the best forward pass of the same
// process.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "data/base/progress.h"
#include "explain/model/torch_environment.h"
#include "ui/engine/bench_costs.h"
#include "ui/engine/bench_methods.h"
#include "ui/engine/bench_overhead.h"
#include "ui/engine/bodies.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {
namespace {

using nlohmann::ordered_json;

// Over the best forward: forward + Grad-CAM of one class; of 14 classes with slopes along 20 directions; memory.
constexpr double kGradCamGoal = 1.05, kEverythingGoal = 1.10, kMemoryGoal = 1.2;
constexpr double kNaiveGoal = 3.5;  // the naive way over forward + Grad-CAM, at 224 pixels

struct Subject {
  const char* model;
  const char* layer;  ///< the last stage
};
constexpr Subject kSubjects[] = {
    {"resnet18", "layer4"}, {"resnet50", "layer4"}, {"densenet121", "features.norm5"}, {"mobilenet_v2", "features"}};
constexpr std::int64_t kSizes[] = {224, 512}, kBatches[] = {1, 8};

std::filesystem::path find_model(const std::filesystem::path& folder, const std::string& name) {
  for (const char* ending : {".traced.pt", ".ts.pt", ".pt"}) {
    const auto file = folder / (name + ending);
    if (!folder.empty() && std::filesystem::is_regular_file(file)) return file;
  }
  throw Error(
      Error::Kind::kInput, fmt::format("there is no {}.traced.pt to time", name),
      folder.empty() ? "--models" : folder.string(),
      "make them (Debian's python3-torchvision): /usr/bin/python3 tests/models/make_torchvision.py "
      "FOLDER resnet18 resnet50 densenet121 mobilenet_v2, then give --models FOLDER (--only NAME for one of them)")
      .with_code("models_needed");
}

struct Setting {
  Subject subject;
  std::filesystem::path file;
  std::int64_t size, batch;
  int threads;
};

template <typename T>
bool is_wanted(const std::vector<T>& wanted, const T& one) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), one) != wanted.end();
}

/// Every model at every size, batch and number of threads that the command line leaves.
std::vector<Setting> settings_of(const CommandLine& line) {
  std::vector<int> threads{line.common.threads};
  if (threads[0] == 0) {
    threads = {1};
    if (std::thread::hardware_concurrency() > 1) threads.push_back(2);
  }
  std::vector<Setting> settings;
  for (const Subject& subject : kSubjects) {
    if (!is_wanted(line.bench.only, std::string(subject.model))) continue;
    const std::filesystem::path file = find_model(line.bench.models, subject.model);
    for (const std::int64_t size : kSizes) {
      for (const std::int64_t batch : kBatches) {
        if (!is_wanted(line.bench.sizes, size) || !is_wanted(line.bench.batches, batch)) continue;
        for (const int n : threads) settings.push_back({subject, file, size, batch, n});
      }
    }
  }
  return settings;
}

void print(const Setting& setting, const Overhead& overhead) {
  const ordered_json& json = overhead.json;
  fmt::print("{} {}, {} px, batch {}, {} thread{}: prefix {}, best forward {} {:.1f} ms\n", setting.subject.model,
             setting.subject.layer, setting.size, setting.batch, setting.threads, setting.threads == 1 ? "" : "s",
             json["prefix"].get<std::string>(), json["best_forward"].get<std::string>(),
             json["best_forward_ms"].get<double>());
  for (const auto& row : json["rows"]) {
    fmt::print("  {:32} {:8.1f} ms ({:.1f} to {:.1f})   ratio {:.2f}\n", row["name"].get<std::string>(),
               row["median_ms"].get<double>(), row["min_ms"].get<double>(), row["max_ms"].get<double>(),
               row["ratio"].get<double>());
  }
  fmt::print("  naive over forward + Grad-CAM {:.1f}; memory {:.0f} MB beside {:.0f} MB of the forward alone: {:.2f}\n",
             overhead.naive, json["memory"]["explained_mb"].get<double>(), json["memory"]["forward_mb"].get<double>(),
             overhead.memory);
  if (json.contains("methods")) {
    for (const auto& row : json["methods"]) {
      fmt::print("  {:32} {:8.1f} ms, {:.1f} forwards{}\n", row["method"].get<std::string>(), row["ms"].get<double>(),
                 row["forwards"].get<double>(),
                 row["goal"].is_null() ? std::string() : fmt::format(" (goal {:g})", row["goal"].get<double>()));
    }
  }
  std::fflush(stdout);
}

struct Worst {
  double grad_cam = 0, everything = 0, memory = 0, naive = HUGE_VAL;  ///< naive: the least, at 224 pixels

  void add(const Setting& setting, const Overhead& one) {
    grad_cam = std::max(grad_cam, one.grad_cam);
    everything = std::max(everything, one.everything);
    memory = std::max(memory, one.memory);
    if (setting.size == 224) naive = std::min(naive, one.naive);
  }
  bool is_within() const {
    return grad_cam <= kGradCamGoal && everything <= kEverythingGoal && memory <= kMemoryGoal && naive >= kNaiveGoal;
  }
};

long peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int run_bench(const CommandLine& line) {
  prepare_engine(line.common, explain::Mode::kFast);
  if (line.bench.costs) return run_bench_costs(line, find_model(line.bench.models, "resnet18"));
  const std::vector<Setting> settings = settings_of(line);
  const explain::Blas blas = explain::find_blas();
  ordered_json results = ordered_json::array();
  Worst worst;
  Progress progress("settings", settings.size(), line.common.quiet ? Quiet::kYes : Quiet::kNo);
  for (const Setting& setting : settings) {
    explain::set_threads(setting.threads);
    Overhead one = measure_overhead({.file = setting.file,
                                     .layer = setting.subject.layer,
                                     .size = setting.size,
                                     .batch = setting.batch,
                                     .rounds = line.bench.rounds,
                                     .device = line.common.device});
    if (line.bench.methods && setting.subject.model == std::string("resnet18") && setting.batch == 1 &&
        setting.size == 224 && setting.threads == settings.front().threads) {
      one.json["methods"] = bench_methods(setting.file, setting.subject.layer, line.common.device, one.forward);
    }
    worst.add(setting, one);
    if (!line.common.json) print(setting, one);
    ordered_json result{{"model", setting.subject.model},
                        {"layer", setting.subject.layer},
                        {"size", setting.size},
                        {"batch", setting.batch},
                        {"threads", setting.threads}};
    result.update(one.json);
    results.push_back(std::move(result));
    progress.update(results.size());
  }
  const ordered_json summary{
      {"what", "explain"},
      {"goal", {{"grad_cam", kGradCamGoal}, {"everything", kEverythingGoal}, {"memory", kMemoryGoal}, {"naive", kNaiveGoal}}},
      {"worst", {{"grad_cam", worst.grad_cam}, {"everything", worst.everything}, {"memory", worst.memory}}},
      {"least_naive", std::isfinite(worst.naive) ? ordered_json(worst.naive) : ordered_json(nullptr)},
      {"within_goal", worst.is_within()},
      {"rounds", line.bench.rounds},
      {"torch", explain::torch_version()},
      {"blas", blas.library},
      {"peak_mb", peak_mb()},
      {"results", results}};
  if (line.common.json) {
    print_json("rationale.bench", summary);
    return 0;
  }
  fmt::print("worst over the best forward: Grad-CAM {:.2f} (goal {:.2f}), with 14 classes and 20 directions {:.2f} (goal "
             "{:.2f}), memory {:.2f} (goal {:.2f})\n",
             worst.grad_cam, kGradCamGoal, worst.everything, kEverythingGoal, worst.memory, kMemoryGoal);
  if (std::isfinite(worst.naive)) fmt::print("naive at 224 px: at least {:.1f} times as long (goal {:g})\n", worst.naive, kNaiveGoal);
  fmt::print("BLAS {}, peak {} MB\n", blas.library, peak_mb());
  return 0;
}

}  // namespace rationale::ui
