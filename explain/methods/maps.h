// Every method through one door: what `rationale heatmap --method` computes.
//
//   const auto model = load_split_model(file, split_for(method, options));
//   const auto run = model->run(input);                                    // [N,C,(D,)H,W]
//   const MapResult result = explain_maps(*model, *run, {.method = method, .targets = {{.class_index = 3}}});
//
// One split and one run serve any number of requests whose methods are cut at the same place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "explain/methods/method_table.h"
#include "explain/methods/tokens.h"
#include "explain/model/split_model.h"

namespace rationale::explain {

/// Numbers that some methods take. The defaults are those of the reference vectors.
struct MapSettings {
  int steps = 50;           ///< integrated gradients: nodes of the quadrature
  bool adapts_steps = false;  ///< double them, up to 400, while the completeness gap is above 5 %
  std::int64_t window = 0;  ///< occlusion, in pixels a side; 0: the larger of 8 and a seventh of the side.
                            ///< h_shap: the smallest region's; 0: an eighth of the side
  std::int64_t stride = 0;  ///< occlusion; 0: half the window
  int samples = 0;          ///< smooth_grad, rise: noisy or masked inputs; 0: the method's own number
  std::int64_t channel_group = 1;  ///< ablation: channels that are removed together
  std::uint64_t seed = 1;   ///< smooth_grad, rise, random_map
};

struct MapRequest {
  std::string method;
  std::vector<Target> targets;  ///< one or more, save for methods without a class
  std::optional<TokenGrid> grid;  ///< of layers of tokens [N,T,C]; one that has places already needs none
  Shape input_size;  ///< (D,)H,W, for `grad_cam_up`; empty: as the run's input
  MapSettings settings = {};
  /// Told from time to time how much of the work is done; may be empty.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// A number that belongs to a map: "completeness_gap", "sigma2_over_sigma1", …
struct MapFact {
  std::string name;
  DoubleArray values;  ///< [N] one an image, [N,K] for K > 1 targets, or [] one for all
};

struct MapResult {
  /// Raw, signed, native resolution, float32: for one target what the method defines (maps [N,*S], values [N],
  /// activations and gradients [N,C,*S]), for K > 1 targets with K as the second axis. Methods without a class
  /// give one map whatever the targets.
  FloatArray maps;
  std::vector<MapFact> facts;
  std::vector<std::string> cautions;  ///< sentences that belong beside the map
};

/// Each image of the run on its own: a batch gives what its images give alone.
/// @throws Error  kUsage: unknown method or class, no class, tokens without a grid; kInput: shapes that do not fit; kRefused: the layer
/// has no places, has values that the method is not defined for, or a result is not finite
MapResult explain_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request);

/// Only the maps of explain_maps.
FloatArray compute_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request);

/// Runs `input` and then compute_maps.
FloatArray compute_maps(const SplitModel& model, const FloatArray& input,
                        const MapRequest& request);

/// The names that find_method knows.
std::vector<std::string> method_names();

}  // namespace rationale::explain
