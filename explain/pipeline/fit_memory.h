// A network and a batch that the memory holds: half the batch, and again; then the CPU instead of a GPU.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "explain/model/split_model.h"
#include "explain/pipeline/batch.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// Whether it was thrown for want of memory: by LibTorch on a GPU or a CPU (types and words differ between its
/// versions), by the standard library, or by BatchExplainer.
bool is_out_of_memory(const std::exception& error);

/// The explainer refers to the model.
struct FittedNetwork {
  std::unique_ptr<SplitModel> model;
  std::unique_ptr<BatchExplainer> explainer;
  std::string method;             ///< of the explainer
  ReceptiveField field;           ///< of the layer that the model is cut at
  std::vector<MemoryStep> steps;  ///< what it took to fit
  double prefix_deviation = 0;    ///< of half precision: see largest_deviation
};

/// Loads a network for passes of `batch` films on `device` and explains one film.
using MakeNetwork = std::function<FittedNetwork(int batch, const std::string& device)>;

/// Calls `make` with half the batch, and again, while it runs out of memory. If a GPU does not hold one film,
/// the same on the CPU with the first batch.
/// @param device  "cpu" or "cuda[:i]"
/// @throws Error (kEnvironment, "out_of_memory") if the CPU's memory does not hold one film; what `make` throws
FittedNetwork fit_to_memory(int batch, const std::string& device, const MakeNetwork& make);

}  // namespace rationale::explain
