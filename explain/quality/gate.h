// The sanity gate: does a method's map change when the model forgets what it learned?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "explain/methods/maps.h"
#include "explain/model/split_model.h"
#include "explain/quality/interval.h"

namespace rationale::explain {

/// Limits of the rule (research on two trained networks): after all weights were replaced, maps of at least so
/// many images must be less alike than this.
inline constexpr std::size_t kFewestGateImages = 20;
inline constexpr double kMostSpearman = 0.4, kMostSsim = 0.3;

/// The model with its last `n_layers` weight layers replaced by noise.
struct GateStage {
  int n_layers = 0;   ///< 0: the model itself
  std::string layer;  ///< the one that was reached last; empty for the model itself
  Estimate spearman;  ///< mean |rho| of raw, signed maps with the model's own, over images
  Estimate ssim;      ///< mean, of the same maps (signed_ssim); planes of 7 x 7 cells or more
};

enum class GateVerdict { kPassed, kFailed, kNotEstimable };

struct MethodGate {
  std::string method;
  std::vector<GateStage> stages;  ///< from the model itself to all weights
  GateVerdict verdict = GateVerdict::kNotEstimable;
  std::string reason;  ///< one sentence, with the figures
  /// Mean SSIM of the trained model's maps of different images. Smooth maps with one peak are alike almost
  /// everywhere: where this is above kMostSsim it is the limit instead.
  Estimate unrelated_ssim;
  /// Spearman with the map of another class, mean over images: a map that is the same for every class (0.9 and
  /// more) does not explain this one. Not estimable for a model of one class.
  Estimate other_class;
  bool is_repeatable = false;  ///< the same bytes when computed again
};

struct GateRequest {
  std::filesystem::path model;
  SplitOptions split;  ///< layer, call, output, device; input_shape [1,C,(D,)H,W]
  std::optional<TokenGrid> grid;
  std::vector<std::string> methods;
  std::vector<FloatArray> images;     ///< [C,(D,)H,W]
  std::vector<Target> targets;        ///< one for each image
  std::vector<std::string> patients;  ///< one for each image; may be empty names
  std::uint64_t seed = 1;             ///< of the noise
  Resampling resampling;
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< stages; may be empty
};

/// Cascading randomisation from the output back (Adebayo et al., arXiv:1810.03292) of the model itself; up to
/// eight stages of it: the last three layers one by one, then in even steps to all of them. Raw, signed maps are
/// compared at the layer's own resolution: the positive part of a randomised network's map is often empty, where two
/// positive parts are zero together SSIM counts that as likeness, and between the cells of an up-sampled map any two
/// maps are alike (measured on a chest film network with mean |rho| 0.17: SSIM 0.70, maps of different films 0.73).
/// @throws Error as load_split_model and compute_maps, and as weight_layers
std::vector<MethodGate> randomisation_gate(const GateRequest& request);

/// The rule: mean |rho| < 0.4, and mean SSIM < 0.3 or what maps of different images have where that is more, after
/// the full cascade, over at least 20 images. SSIM is left out where it is not estimable.
/// @param last  after all weights were replaced
std::pair<GateVerdict, std::string> judge_gate(const GateStage& last, const Estimate& unrelated_ssim);

/// How many layers are randomised at each stage, 0 first, all last.
std::vector<int> gate_stages(std::size_t n_weight_layers);

}  // namespace rationale::explain
