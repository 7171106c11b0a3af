// Turns an inlined graph into pure tensor work from the input to one output tensor, wherever that
// is exact.
#pragma once

#include <string>
#include <vector>

#include "explain/model/torchscript_inline.h"

namespace rationale::explain::torchscript {

/// A surviving call of a marked submodule.
struct Tap {
  int call = 0;            ///< index in Inlined::calls
  int order = 0;           ///< which call of its submodule in one forward, from 0
  bool is_nested = false;  ///< inside a branch or loop that is decided while running
  Node* node = nullptr;    ///< null if nested, or if the output does not use it
};

struct Cleaned {
  GraphPtr graph;  ///< (x) → one tensor; no self, no attributes
  std::vector<Call> calls;
  std::string output;     ///< the selector in use
  std::vector<Tap> taps;  ///< in forward order; those that the chosen output does not use included
};

/// Training flags become false, attributes constants, dead branches go, lists and in-place
/// operations become pure where that changes nothing.
/// @param output  tuple index, field name or dict key; nested ones joined by '.'; empty = a tensor
/// @throws Error  kUsage: no or an unknown `output` where the model returns several (listed);
///                kRefused: forward reads what it writes, is in training mode, or returns what is
///                no tensor
Cleaned clean(const LoadedModule& loaded, Inlined inlined, const std::string& output);

/// What `output` may be for this model; {""} if it returns one tensor.
std::vector<std::string> output_names(const LoadedModule& loaded);

/// Whether LibTorch knows no derivative of this operator: the fused attention of eval mode.
bool lacks_derivative(const Node* node);

/// Whether the node, or one inside it, changes a value in place.
bool changes_in_place(Node* node);

}  // namespace rationale::explain::torchscript
