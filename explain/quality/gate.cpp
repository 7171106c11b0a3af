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
#include "explain/quality/similarity.h"

namespace rationale::explain {
namespace {

constexpr int kSingleSteps = 3, kMostStages = 8;

using Maps = std::vector<std::vector<FloatArray>>;  ///< [method][image]

Maps all_maps(const GateRequest& request, const SplitModel& model) {
  Maps maps(request.methods.size());
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    check_interrupt();
    auto some = raw_maps(model, request.images[i], request.targets[i], request.methods, request.grid);
    for (std::size_t m = 0; m < some.size(); ++m) maps[m].push_back(std::move(some[m]));
  }
  return maps;
}

GateStage compare(const std::vector<FloatArray>& own, const std::vector<FloatArray>& other,
                  const GateRequest& request) {
  std::vector<Measure> spearmans, ssims;
  for (std::size_t i = 0; i < own.size(); ++i) {
    Measure rho = spearman(own[i].values, other[i].values);
    rho.value = std::abs(rho.value);
    spearmans.push_back(rho);
    if (request.images[i].shape.size() != 3) {
      ssims.push_back(not_estimable("volume", "structural similarity is computed for planes only"));
    } else {
      ssims.push_back(signed_ssim(as_plane(own[i]), as_plane(other[i])));
    }
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
    if (request.images[i].shape.size() != 3) {
      values.push_back(not_estimable("volume", "structural similarity is computed for planes only"));
    } else {
      values.push_back(signed_ssim(as_plane(own[i]), as_plane(own[next])));
    }
  }
  return mean_of_measures(values, request.patients, request.resampling);
}

/// With the map of the next class, in a circle.
Estimate compare_classes(const GateRequest& request, const SplitModel& model, const std::string& method,
                         const std::vector<FloatArray>& own) {
  std::vector<Measure> values;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto n_classes = static_cast<std::int64_t>(logits_of(model, request.images[i]).size());
    if (n_classes < 2) {
      values.push_back(not_estimable("one_class", "the model has one class only"));
      continue;
    }
    Target other = request.targets[i];
    other.class_index = (other.class_index + 1) % n_classes;
    values.push_back(spearman(own[i].values, raw_map(model, request.images[i], other, method, request.grid).values));
  }
  return mean_of_measures(values, request.patients, request.resampling);
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
  const auto layers = weight_layers(request.model, request.split.input_shape, request.split.output);
  const std::vector<int> stages = gate_stages(layers.size());
  std::vector<MethodGate> gates;
  const auto model = load_split_model(request.model, request.split);
  const Maps own = all_maps(request, *model);
  for (std::size_t m = 0; m < request.methods.size(); ++m) {
    MethodGate gate;
    gate.method = request.methods[m];
    gate.stages.push_back(compare(own[m], own[m], request));
    gate.unrelated_ssim = compare_images(request, own[m]);
    gate.other_class = compare_classes(request, *model, gate.method, own[m]);
    gate.is_repeatable = request.images.empty() ||
                         has_same_bytes(own[m].front(), raw_map(*model, request.images.front(), request.targets.front(),
                                                                gate.method, request.grid));
    gates.push_back(std::move(gate));
  }
  for (std::size_t s = 1; s < stages.size(); ++s) {
    if (request.progress) request.progress(s, stages.size() - 1);
    SplitOptions options = request.split;
    options.layer = model->facts().layer;  // the choice may not depend on the weights
    options.call = model->facts().call;
    options.randomised.layers.assign(layers.begin(), layers.begin() + stages[s]);
    options.randomised.seed = request.seed;
    const auto noisy = load_split_model(request.model, options);
    const Maps other = all_maps(request, *noisy);
    for (std::size_t m = 0; m < gates.size(); ++m) {
      GateStage stage = compare(own[m], other[m], request);
      stage.n_layers = stages[s];
      stage.layer = layers[static_cast<std::size_t>(stages[s]) - 1];
      gates[m].stages.push_back(std::move(stage));
    }
  }
  for (MethodGate& gate : gates) {
    std::tie(gate.verdict, gate.reason) = judge_gate(gate.stages.back(), gate.unrelated_ssim);
  }
  return gates;
}

}  // namespace rationale::explain
