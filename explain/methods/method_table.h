// The methods by name: where each needs the model to be cut, and what its maps must not be taken for.
#pragma once

#include <string>
#include <vector>

#include "explain/model/split_model.h"

namespace rationale::explain {

/// Where a method works.
enum class Level {
  kLayer,  ///< at any layer
  kInput,  ///< at the input: the model must be cut at kInputLayer
  kAny     ///< wherever the model was cut: the result does not depend on it
};

/// What a method's array may be taken for.
enum class Use {
  kExplanation,  ///< a map of the evidence for one class
  kClassless,    ///< a map of the activations, the same for every class
  kComparison,   ///< a map that fails sanity checks by construction
  kBaseline,     ///< a map that does not look at the model
  kQuantity      ///< no map of places: scores, gradients with their channels, a display of another method
};

/// How an array [N,C,*S] at the input becomes a map [N,*S] where one is measured or shown.
enum class Channels {
  kNone,    ///< it has no channels
  kSum,     ///< attributions: their sum keeps what they add up to
  kLargest  ///< gradients: max_c |g_c| (Simonyan et al., arXiv:1312.6034, section 3.1)
};

/// What a map's 0 means.
enum class Zero {
  kNoEvidence,  ///< neither for nor against
  kArbitrary    ///< nothing: only differences between places mean something
};

struct Method {
  std::string name;
  Level level = Level::kLayer;
  bool needs_class = true;  ///< false: the map is the same for all classes
  ReluRule relu_rule = ReluRule::kTrue;
  std::string caution;  ///< said with every result; empty = none
  Use use = Use::kExplanation;
  Channels channels = Channels::kNone;
  bool takes_many_runs = false;  ///< of the network or its suffix: tens to thousands a map
  bool is_random = false;        ///< its maps depend on MapSettings::seed
  Zero zero = Zero::kNoEvidence;
};

/// All methods; the first 25 names are the contract's.
const std::vector<Method>& methods();

/// @throws Error (kUsage, "unknown_method") with near names
const Method& find_method(const std::string& name);

/// The method where neither a user nor a card names one: Grad-CAM where pooling and one linear layer follow (all methods
/// agree there, and readers know it), else HiResCAM, which adds up to the score's change.
struct MethodChoice {
  std::string name, reason;
};
MethodChoice default_method(const SplitModel::Facts& facts);

/// `options` with what the method needs: the layer of input-level methods, the rule for ReLUs.
/// @throws Error (kUsage) for an unknown method, or if `options` name a layer that the method cannot use
SplitOptions split_for(const std::string& method, SplitOptions options);

}  // namespace rationale::explain
