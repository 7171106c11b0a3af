// The model's forward as one flat graph, with a marker at every call of the submodules that are
// asked for.
#pragma once

#include <string>
#include <vector>

#include "explain/model/torchscript_load.h"

namespace rationale::explain::torchscript {

/// A call of a submodule's forward, found while inlining.
struct Call {
  const void* object = nullptr;  ///< identity of the submodule: names can be aliases
  std::string returns;           ///< "Tensor", else the type, which cannot be marked
};

/// forward(self, x) with all calls inlined. After call i of `calls` stands `rationale::tap`, an
/// operator that returns its input, with the integer attribute "call" = i; all uses of the call go
/// through it.
struct Inlined {
  GraphPtr graph;
  std::vector<Call> calls;
};

/// @param target  mark only the calls of this submodule object; nullptr = of all
/// @throws Error (kRefused) if forward needs more than one input, uses `with` blocks or makes
/// objects, or
///         unfolds to more than a million nodes
Inlined inline_calls(const LoadedModule& loaded, const void* target);

/// Puts the marker with this number behind a value: all its uses go through it.
Node* insert_tap(Graph& graph, Value* value, int number);

/// The marker's operator and the number of its call.
bool is_tap(const Node* node);
int tapped_call(const Node* tap);

/// The object that a chain of attribute look-ups from `self` ends in, if it is one.
/// @param self  the graph's first input
std::optional<IValue> resolve(const Value* value, const Value* self,
                              const torch::jit::Module& root);

}  // namespace rationale::explain::torchscript
