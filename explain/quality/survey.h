// A model's maps under test: methods × layers beside maps that know nothing, on cases whose findings people marked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explain/quality/agreement.h"
#include "explain/quality/gate.h"
#include "explain/quality/map_metrics.h"

namespace rationale::explain {

struct SurveyCase {
  std::string name, patient;
  FloatArray input;  ///< [C,H,W], as the card says
};

/// One finding of one case, as one person marked it, and as a second one did.
struct MarkedFinding {
  std::size_t case_index = 0;
  std::int64_t class_index = 0;
  Annotation annotation;  ///< in pixels of the input
  std::optional<Annotation> second;
};

struct SurveyRequest {
  std::filesystem::path model;
  SplitOptions split;               ///< output, device, mode; input_shape [1,C,H,W]; the layer is set here
  std::vector<std::string> layers;  ///< deepest first: the default
  std::vector<std::string> methods;  ///< maps of any kind; those at the input are measured once, not a layer
  std::optional<TokenGrid> grid;  ///< of layers of tokens
  MapSettings settings;
  std::vector<std::string> classes;           ///< names
  Target::Kind score = Target::Kind::kLogit;  ///< what deletion and insertion look at
  std::vector<SurveyCase> cases;
  std::vector<MarkedFinding> findings;
  std::vector<std::size_t> gate_cases, deletion_cases;  ///< indices into cases; explained for their top class
  DeletionOptions deletion{.n_steps = 16, .blur_sigma_px = 4};
  std::uint64_t seed = 1;
  Resampling resampling;
  std::function<void(const std::string& what)> progress;  ///< may be empty
};

/// What one map does over the cases.
struct MapSurvey {
  std::string layer;   ///< empty for maps that have none
  std::string method;  ///< a method's name, "occlusion", or "centre", "edges", "random", "uniform"
  bool is_baseline = false;
  Use use = Use::kExplanation;  ///< of a method; occlusion and baselines: see is_own()
  Shape shape;                       ///< of the layer's output, [1,K,h,w]; empty for others
  std::vector<Agreement> agreement;  ///< all findings first; empty without marked findings
  /// Areas over the deletion cases, one a case, in their order.
  std::vector<Measure> deletion, insertion, deletion_blur, insertion_blur;
  Estimate deletion_gain, insertion_gain;            ///< zero base: random − map, map − random, paired
  Estimate deletion_gain_blur, insertion_gain_blur;  ///< blurred base
  Estimate likeness;   ///< Spearman with the same method at the first layer, over the deletion cases; layers only
  Estimate occlusion;  ///< Spearman with the occlusion map, likewise
  std::optional<MethodGate> gate;

  /// Of the methods under test: neither the occlusion check nor a map that knows nothing.
  bool is_own() const { return !is_baseline && method != "occlusion"; }
};

/// How well a second person's regions would do as maps of the first one's.
struct SecondReader {
  std::string finding;  ///< empty: all together
  std::size_t n = 0;
  Estimate pointing;   ///< middle of the second region in the first
  Estimate iou;
  Estimate pixel_auc;  ///< of the second region as a map of zeros and ones
};

/// A method that is not defined somewhere: Grad-CAM++ where a layer has negative values.
struct RefusedMap {
  std::string method, layer;  ///< empty layer: at the input
  std::string reason;
};

struct SurveyResult {
  std::vector<MapSurvey> maps;  ///< by layer and method as requested, methods at the input, occlusion, baselines
  std::vector<SecondReader> second;  ///< all findings first, then each; empty where nobody marked a second time
  std::vector<RefusedMap> refused;   ///< left out of `maps`
  std::size_t n_weight_layers = 0;
};

/// @throws Error as load_split_model, compute_maps and randomisation_gate
SurveyResult survey(const SurveyRequest& request);

/// The class with the highest logit of an image.
std::int64_t top_class(const std::vector<float>& logits);

}  // namespace rationale::explain
