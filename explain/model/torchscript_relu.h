// Other rules for the way back through a ReLU: guided backpropagation and deconvolution.
#pragma once

#include <string>

#include "explain/model/split_model.h"
#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// Replaces every ReLU of the graph (of a module, functional, made pure from in-place) by an operator with the
/// same value and the rule's derivative.
/// @throws Error (kRefused)  "no_relu": there is none, and the result would be the plain gradient;
///                           "other_activation": GELU, SiLU, leaky ReLU …, for which no rule is defined (named)
void change_relus(Graph& graph, ReluRule rule, const std::string& where);

}  // namespace rationale::explain::torchscript
