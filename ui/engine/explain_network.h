// The network of a run over cases: cut, its prefix chosen, a batch that the memory holds.
#pragma once

#include <string>

#include "data/records/explanations.h"
#include "explain/model/card.h"
#include "explain/pipeline/fit_memory.h"
#include "ui/command/command.h"

namespace rationale::ui {

struct NetworkRequest {
  std::string layer;
  int call = -1;  ///< -1: the only one
  std::string method = "grad_cam", reshape;  ///< method: empty = default_method
  int batch = 0;  ///< 0: chosen
  std::string prefix_variant;  ///< of the store that is continued; empty = this machine's choice
  std::string precision = "float32";  ///< of the prefix: bfloat16 and float16 in fast mode only
  CommonOptions common;
  explain::ConceptResults concepts = {};
};

/// `chosen`, else the card's; empty: the engine's choice, made when the network is cut. @throws Error (kUsage) for an unknown one; kRefused ("no_maps") for one
/// whose numbers are no map of places
std::string chosen_method(const explain::ModelCard& card, const std::string& chosen);

/// `chosen`, else the card's first layer, else what the engine proposes; the input for methods that work there.
std::string chosen_layer(const explain::ModelCard& card, const std::string& chosen, const std::string& method);

/// As a manifest has it: logits, probabilities or regression.
std::string name_of(explain::OutputKind kind);

/// How many films `explain` takes at once where --batch does not say. @param device  as --device
int default_batch(const std::string& device);

/// In fast mode it follows the prefix that the store or an earlier run on this machine chose; the first run chooses, and
/// says so to the next. @throws Error as load_split_model and BatchExplainer; kUsage: half precision in reproducible mode
explain::FittedNetwork load_network(const explain::ModelCard& card, const NetworkRequest& request);

/// What such a run writes into its store; without concepts and shard.
ExplanationManifest manifest_of(const explain::ModelCard& card, const NetworkRequest& request,
                                const explain::FittedNetwork& network);

/// Threads that decode: half of those there are.
std::size_t decode_workers(const CommonOptions& common);

}  // namespace rationale::ui
