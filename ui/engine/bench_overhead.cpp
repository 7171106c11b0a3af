#include "ui/engine/bench_overhead.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "explain/methods/grad_cam.h"
#include "explain/model/split_model.h"
#include "explain/model/whole_model.h"
#include "explain/torch.h"
#include "ui/engine/bench_memory.h"
#include "ui/engine/bench_time.h"

namespace rationale::ui {
namespace {

using explain::WholeForm;
using nlohmann::ordered_json;

constexpr WholeForm kForms[] = {WholeForm::kPlain, WholeForm::kFrozen, WholeForm::kFrozenChannelsLast,
                                WholeForm::kOptimizedForInference};
constexpr int kClasses = 14, kDirections = 20;
constexpr int kWarmUps = 2, kFewestRounds = 5;
constexpr double kLongest = 90e3;  // milliseconds for all rounds of a setting, once there are five
constexpr double kMegabyte = 1 << 20;

struct Candidate {
  std::string name;
  std::function<void()> run;
  std::vector<double> times = {};  ///< milliseconds, one a round
};

/// Every round in an order of its own: what one leaves in caches and free lists is not always the same one's to bear.
void time_rounds(std::vector<Candidate>& candidates, int rounds) {
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(1);
  double spent = 0;
  for (int round = -kWarmUps; round < rounds && (round < kFewestRounds || spent < kLongest); ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) {
      Candidate& one = candidates[i];
      const double time = milliseconds(one.run);
      if (round < 0) continue;
      one.times.push_back(time);
      spent += time;
    }
  }
}

/// The maps of the first classes, and how each class changes along each direction: mean over places of g · v.
void explain_run(const explain::SplitModel& split, const at::Tensor& x, int n_classes, const at::Tensor& directions) {
  const auto run = split.run(x);
  std::vector<explain::Target> targets;
  for (int c = 0; c < n_classes; ++c) targets.push_back({.class_index = c});
  const std::vector<at::Tensor> weights = split.mean_gradients(*run, targets);
  explain::grad_cams(split.activation(*run), weights);
  if (directions.defined()) at::stack(weights).matmul(directions);  // the sum over places, but for their number
}

std::shared_ptr<explain::SplitModel> load_split(const OverheadSetting& setting) {
  explain::SplitOptions options;
  options.layer = setting.layer;
  options.input_shape = {setting.batch, 3, setting.size, setting.size};
  options.mode = explain::Mode::kFast;
  options.device = setting.device;
  return explain::load_split_model(setting.file, options);
}

at::Tensor directions_of(const explain::SplitModel& split, const at::Tensor& x) {
  const auto run = split.run(x);
  return at::randn({split.activation(*run).size(1), kDirections}, split.activation(*run).options());
}

/// Megabytes that a model and one run of it add to the process.
template <typename Load>
double megabytes_of(const Load& load_and_warm) {
  const double before = resident_bytes();
  const std::function<void()> run = load_and_warm();
  const double held = resident_bytes() - before;
  return (held + growth_while(run)) / kMegabyte;
}

/// The median over rounds of one's time over the other's in the same round: a machine that is slower for a while is so
/// for both.
double ratio(const Candidate& one, const Candidate& other) {
  std::vector<double> ratios(one.times.size());
  std::transform(one.times.begin(), one.times.end(), other.times.begin(), ratios.begin(), std::divides<>());
  return median(ratios);
}

ordered_json row_of(const Candidate& one, const Candidate& best) {
  const auto [low, high] = std::minmax_element(one.times.begin(), one.times.end());
  return {{"name", one.name},
          {"median_ms", median(one.times)},
          {"min_ms", *low},
          {"max_ms", *high},
          {"ratio", ratio(one, best)}};
}

}  // namespace

Overhead measure_overhead(const OverheadSetting& setting) {
  torch::manual_seed(1);
  const at::Tensor x = at::randn({setting.batch, 3, setting.size, setting.size});
  std::vector<Candidate> candidates;
  for (const WholeForm form : kForms) {
    const auto model = std::make_shared<explain::WholeModel>(setting.file, setting.device, form);
    candidates.push_back({std::string("forward_") + name_of(form), [model, x] { model->run(x); }});
  }
  const std::shared_ptr<explain::SplitModel> split = load_split(setting);
  const at::Tensor directions = directions_of(*split, x);
  candidates.push_back({"grad_cam_1", [split, x] { explain_run(*split, x, 1, {}); }});
  candidates.push_back({fmt::format("grad_cam_{}", kClasses), [split, x] { explain_run(*split, x, kClasses, {}); }});
  candidates.push_back({fmt::format("grad_cam_{}_directions_{}", kClasses, kDirections),
                        [split, x, directions] { explain_run(*split, x, kClasses, directions); }});
  const auto uncut = std::make_shared<explain::WholeModel>(setting.file, setting.device, WholeForm::kPlain);
  candidates.push_back({"naive_1", [uncut, x] { uncut->run_and_back(x, 0); }});
  time_rounds(candidates, setting.rounds);

  const auto quickest = std::min_element(
      candidates.begin(), candidates.begin() + std::ssize(kForms),
      [](const Candidate& a, const Candidate& b) { return median(a.times) < median(b.times); });
  const Candidate *grad_cam = &candidates[std::size(kForms)], *everything = grad_cam + 2, *naive = grad_cam + 3;
  Overhead result{.forward = quickest->run,
                  .grad_cam = ratio(*grad_cam, *quickest),
                  .everything = ratio(*everything, *quickest),
                  .naive = ratio(*naive, *grad_cam)};
  result.json = {{"prefix", split->facts().prefix_variant},
                 {"closed_form_head", split->facts().has_closed_form_head},
                 {"best_forward", quickest->name},
                 {"best_forward_ms", median(quickest->times)}};
  for (const Candidate& one : candidates) result.json["rows"].push_back(row_of(one, *quickest));
  result.json["naive_over_grad_cam"] = result.naive;

  const WholeForm form = kForms[quickest - candidates.begin()];
  const double forward_mb = megabytes_of([&]() -> std::function<void()> {
    const auto model = std::make_shared<explain::WholeModel>(setting.file, setting.device, form);
    for (int i = 0; i < kWarmUps; ++i) model->run(x);
    return [model, x] { model->run(x); };
  });
  const double explained_mb = megabytes_of([&]() -> std::function<void()> {
    const auto again = load_split(setting);
    for (int i = 0; i < kWarmUps; ++i) explain_run(*again, x, kClasses, directions);
    return [again, x, directions] { explain_run(*again, x, kClasses, directions); };
  });
  result.memory = explained_mb / forward_mb;
  result.json["memory"] = {{"forward_mb", forward_mb}, {"explained_mb", explained_mb}, {"ratio", result.memory}};
  return result;
}

}  // namespace rationale::ui
