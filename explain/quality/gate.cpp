#include "explain/quality/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

#include "data/base/interrupt.h"
#include "data/plot/number_text.h"
#include "explain/quality/agreement.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/map_metrics.h"
#include "explain/quality/similarity.h"

namespace rationale::explain {
namespace {

constexpr int kSingleSteps = 3, kMostStages = 8;

using Maps = std::vector<std::vector<FloatArray>>;  ///< [method][image]

Maps all_maps(const GateRequest& request, const MapMaker& maker) {
  Maps maps;
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    check_interrupt();
    auto some = maker.maps(request.images[i], request.targets[i]);
    maps.resize(some.size());
    for (std::size_t m = 0; m < some.size(); ++m) maps[m].push_back(std::move(some[m]));
  }
  return maps;
}

bool is_plane(const GateRequest& request, std::size_t image) { return request.images[image].shape.size() == 3; }

Measure no_plane() { return not_estimable("volume", "structural similarity is computed for planes only"); }

GateStage compare(const std::vector<FloatArray>& own, const std::vector<FloatArray>& other,
                  const GateRequest& request) {
  std::vector<Measure> spearmans, ssims;
  for (std::size_t i = 0; i < own.size(); ++i) {
    Measure rho = spearman(own[i].values, other[i].values);
    rho.value = std::abs(rho.value);
    spearmans.push_back(rho);
    ssims.push_back(is_plane(request, i) ? signed_ssim(as_plane(own[i]), as_plane(other[i])) : no_plane());
  }
  GateStage stage;
  stage.spearman = mean_of_measures(spearmans, request.patients, request.resampling);
  stage.ssim = mean_of_measures(ssims, request.patients, request.resampling);
  return stage;
}

/// Each image's map with the next image's, in a circle.
Estimate compare_images(const GateRequest& request, const std::vector<FloatArray>& own) {
  std::vector<Measure> values;
  for (std::size_t i = 0; own.size() > 1 && i < own.size(); ++i) {
    const std::size_t next = (i + 1) % own.size();
    values.push_back(is_plane(request, i) ? signed_ssim(as_plane(own[i]), as_plane(own[next])) : no_plane());
  }
  return mean_of_measures(values, request.patients, request.resampling);
}

/// With the map of the next class, in a circle.
std::vector<Estimate> compare_classes(const GateRequest& request, const MapMaker& maker, std::int64_t n_classes,
                                      const Maps& own) {
  std::vector<std::vector<Measure>> values(own.size());
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    check_interrupt();
    Target other = request.targets[i];
    other.class_index = (other.class_index + 1) % n_classes;
    const std::vector<FloatArray> maps =
        n_classes < 2 ? std::vector<FloatArray>() : maker.maps(request.images[i], other);
    for (std::size_t m = 0; m < own.size(); ++m) {
      values[m].push_back(maps.empty() ? not_estimable("one_class", "the model has one class only")
                                       : spearman(own[m][i].values, maps[m].values));
    }
  }
  std::vector<Estimate> means;
  for (const auto& some : values) means.push_back(mean_of_measures(some, request.patients, request.resampling));
  return means;
}

/// As the reference values are defined; see the header.
void compare_shown(MethodGate& gate, const GateRequest& request, Zero zero, const std::vector<FloatArray>& own,
                   const std::vector<FloatArray>& other) {
  std::vector<Measure> spearmans, ssims;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (!is_plane(request, i)) {
      spearmans.push_back(no_plane());
      ssims.push_back(no_plane());
      continue;
    }
    Similarity alike = similarity(as_plane(positive_map(own[i], request.images[i], zero)),
                                  as_plane(positive_map(other[i], request.images[i], zero)));
    alike.spearman.value = std::abs(alike.spearman.value);
    spearmans.push_back(alike.spearman);
    // Two empty maps are alike in every window: no likeness of anything.
    ssims.push_back(alike.spearman ? alike.ssim : alike.spearman);
  }
  gate.shown_spearman = mean_of_measures(spearmans, request.patients, request.resampling);
  gate.shown_ssim = mean_of_measures(ssims, request.patients, request.resampling);
}

bool has_same_bytes(const FloatArray& a, const FloatArray& b) {
  return a.values.size() == b.values.size() &&
         std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0;
}

}  // namespace

std::vector<int> gate_stages(std::size_t n_weight_layers) {
  const int n = static_cast<int>(n_weight_layers);
  std::vector<int> stages;
  for (int k = 0; k <= std::min(n, kSingleSteps); ++k) stages.push_back(k);
  const int left = std::min(kMostStages - kSingleSteps, n - kSingleSteps);
  for (int k = 1; k <= left; ++k) {
    stages.push_back(kSingleSteps + static_cast<int>(std::lround((n - kSingleSteps) * k / static_cast<double>(left))));
  }
  return stages;
}

std::pair<GateVerdict, std::string> judge_gate(const GateStage& last, const Estimate& unrelated_ssim) {
  const Estimate &rho = last.spearman, &likeness = last.ssim;
  if (!rho.mean) {
    return {GateVerdict::kNotEstimable, "the maps cannot be compared: " + rho.mean.reason};
  }
  if (rho.n < kFewestGateImages) {
    return {GateVerdict::kNotEstimable,
            fmt::format("the gate needs {} images whose maps can be compared, there are {}", kFewestGateImages, rho.n)};
  }
  const bool has_other_limit = unrelated_ssim.mean && unrelated_ssim.mean.value > kMostSsim;
  const double most_ssim = has_other_limit ? unrelated_ssim.mean.value : kMostSsim;
  const bool is_passed = rho.mean.value < kMostSpearman && (!likeness.mean || likeness.mean.value < most_ssim);
  std::string figures =
      fmt::format("mean |ρ| {} (limit {})", fixed_text(rho.mean.value, 2), fixed_text(kMostSpearman, 2));
  if (likeness.mean) {
    figures += fmt::format(", mean SSIM {} (limit {}{})", fixed_text(likeness.mean.value, 2), fixed_text(most_ssim, 2),
                           has_other_limit ? ", as alike as maps of different films" : "");
  }
  figures += " after all weights were replaced by noise";
  if (is_passed) return {GateVerdict::kPassed, "the maps change with the weights: " + figures};
  return {GateVerdict::kFailed, "method fails the sanity check for this model: " + figures};
}

std::vector<MethodGate> randomisation_gate(const GateRequest& request) {
  const SplitOptions& split = request.source.split;
  const auto layers = weight_layers(request.source.model, split.input_shape, split.output);
  const std::vector<int> stages = gate_stages(layers.size());
  std::vector<std::string> quick;
  std::vector<std::size_t> of_quick;  // their places among all methods
  for (std::size_t m = 0; m < request.methods.size(); ++m) {
    if (find_map_method(request.methods[m]).takes_many_runs) continue;
    quick.push_back(request.methods[m]);
    of_quick.push_back(m);
  }
  std::vector<MethodGate> gates(request.methods.size());
  const MapMaker trained(request.source, request.methods);
  const Maps own = all_maps(request, trained);
  if (!own.empty()) {
    const auto model = load_split_model(request.source.model, split);
    const auto n_classes = static_cast<std::int64_t>(logits_of(*model, request.images.front()).size());
    const std::vector<Estimate> others = compare_classes(request, trained, n_classes, own);
    const auto again = trained.maps(request.images.front(), request.targets.front());
    for (std::size_t m = 0; m < gates.size(); ++m) {
      gates[m].stages.push_back(compare(own[m], own[m], request));
      gates[m].unrelated_ssim = compare_images(request, own[m]);
      gates[m].other_class = others[m];
      gates[m].is_repeatable = has_same_bytes(own[m].front(), again[m]);
    }
  }
  MapSource noisy = request.source;
  noisy.split.randomised.seed = request.seed;
  for (std::size_t s = 1; s < stages.size() && !own.empty(); ++s) {
    if (request.progress) request.progress(s, stages.size() - 1);
    const bool is_last = s + 1 == stages.size();
    const std::vector<std::string>& methods = is_last ? request.methods : quick;
    if (methods.empty()) continue;
    noisy.split.randomised.layers.assign(layers.begin(), layers.begin() + stages[s]);
    const Maps other = all_maps(request, MapMaker(noisy, methods));
    for (std::size_t i = 0; i < methods.size(); ++i) {
      const std::size_t m = is_last ? i : of_quick[i];
      GateStage stage = compare(own[m], other[i], request);
      stage.n_layers = stages[s];
      stage.layer = layers[static_cast<std::size_t>(stages[s]) - 1];
      gates[m].stages.push_back(std::move(stage));
      if (is_last) compare_shown(gates[m], request, find_method(methods[i]).zero, own[m], other[i]);
    }
  }
  for (std::size_t m = 0; m < gates.size(); ++m) {
    gates[m].method = request.methods[m];
    if (gates[m].stages.empty()) gates[m].stages.push_back(compare({}, {}, request));
    std::tie(gates[m].verdict, gates[m].reason) = judge_gate(gates[m].stages.back(), gates[m].unrelated_ssim);
  }
  return gates;
}

}  // namespace rationale::explain
