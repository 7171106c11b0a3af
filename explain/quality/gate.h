// The sanity gate: does a method's map change when the model forgets what it learned?
//
// **What is compared.** The reference values (golden/explanation, `randomisation`) compare what is shown: positive
// parts, up-sampled to the input; `faithfulness --randomised` prints exactly those. The verdict is taken on raw, signed
// maps at the method's own resolution instead, and both stand in the result (`shown_spearman`, `shown_ssim`). Why:
//   - A gate must be able to fail and to pass. Between the cells of an up-sampled 7 x 7 map any two maps are alike: on a
//     chest film network the positive, up-sampled maps of *different films* have SSIM 0.73, and after all weights were
//     replaced 0.70 beside mean |rho| 0.17. With the limit 0.3 no method of a coarse layer could pass there, which says
//     nothing of any of them.
//   - A randomised network's map is often nowhere positive. Then there is nothing to correlate and the film drops out
//     (`shown_spearman.n` says how many are left): the films that remain are chosen by the noise.
//   - Cutting at zero hides the half of the map that may still follow the film; a rank correlation of signed maps sees
//     both halves. It does not make the gate milder: for maps without negative values (LayerCAM behind a ReLU) the two
//     differ by the up-sampling alone.
// The limits are those of the research on two trained networks; two unrelated signed 7 x 7 maps have |rho| 0.12.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "explain/quality/interval.h"
#include "explain/quality/map_maker.h"

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
  /// After the full cascade, of what is shown: positive parts at the input's size, by the definitions of the reference
  /// values (|rho|, and ssim). Planes only; films whose map is empty on either side are left out.
  Estimate shown_spearman, shown_ssim;
  /// Spearman with the map of another class, mean over images: a map that is the same for every class (0.9 and
  /// more) does not explain this one. Not estimable for a model of one class.
  Estimate other_class;
  bool is_repeatable = false;  ///< the same bytes when computed again
};

struct GateRequest {
  MapSource source;  ///< its split's layer and call serve the methods that work at a layer
  std::vector<std::string> methods;
  std::vector<FloatArray> images;     ///< [C,(D,)H,W]
  std::vector<Target> targets;        ///< one for each image
  std::vector<std::string> patients;  ///< one for each image; may be empty names
  std::uint64_t seed = 1;             ///< of the noise
  Resampling resampling;
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< stages; may be empty
};

/// Cascading randomisation from the output back (Adebayo et al., arXiv:1810.03292) of the model itself; up to
/// eight stages of it: the last three layers one by one, then in even steps to all of them. Methods that take many
/// runs see the first and the last stage only: the verdict needs no more.
/// @throws Error as MapMaker, and as weight_layers
std::vector<MethodGate> randomisation_gate(const GateRequest& request);

/// The rule: mean |rho| < 0.4, and mean SSIM < 0.3 or what maps of different images have where that is more, after
/// the full cascade, over at least 20 images. SSIM is left out where it is not estimable.
/// @param last  after all weights were replaced
std::pair<GateVerdict, std::string> judge_gate(const GateStage& last, const Estimate& unrelated_ssim);

/// How many layers are randomised at each stage, 0 first, all last.
std::vector<int> gate_stages(std::size_t n_weight_layers);

}  // namespace rationale::explain
