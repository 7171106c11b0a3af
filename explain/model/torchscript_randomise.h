// Replaces the weights of a loaded module by noise, in memory.
#pragma once

#include <string>
#include <vector>

#include "explain/model/randomise.h"
#include "explain/model/torchscript_load.h"

namespace rationale::explain::torchscript {

/// As rationale::explain::weight_layers.
std::vector<std::string> weight_layers(const LoadedModule& loaded, const std::vector<std::int64_t>& input_shape,
                                       const std::string& output);

/// Each weight of the layers becomes normal noise of the same standard deviation, their biases 0; normalisation
/// layers keep their numbers. The noise of a layer depends on the seed and on its place in the list only, so each
/// stage of a cascade contains the one before it. A tensor that two layers share is replaced once.
/// @throws Error (kUsage, "unknown_layer")
void randomise(const LoadedModule& loaded, const Randomisation& how);

}  // namespace rationale::explain::torchscript
