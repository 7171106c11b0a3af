// The one tensor of a model's output that is explained.
#pragma once

#include <string>
#include <vector>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// Makes the graph return the tensor that `selector` names: a tuple index, a field name or a dict
/// key; nested ones joined by '.'; empty = the output is a tensor.
/// @throws Error  kUsage if a selector is needed, unknown or not needed; kRefused if the output is
/// built in a
///                way that cannot be followed
std::string select_output(Graph& graph, const std::string& selector, const std::string& where);

/// The selectors there are; {""} for a tensor.
std::vector<std::string> output_names(Graph& graph);

}  // namespace rationale::explain::torchscript
