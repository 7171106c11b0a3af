// LibTorch's graph headers for the files of this room that work on TorchScript graphs. Include it
// from explain/model/torchscript_*.cpp and the headers beside them only: nothing else may know
// TorchScript.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explain/torch.h"

#pragma push_macro("CHECK")  // glog again
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#undef CHECK
#pragma pop_macro("CHECK")

namespace rationale::explain::torchscript {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::IValue;
using torch::jit::Node;
using torch::jit::Value;
using GraphPtr = std::shared_ptr<Graph>;

/// Calls `visit(node)` for every node, nested blocks included, in program order.
/// `visit` may insert nodes after the one it is given, and destroy none.
template <typename Visit>
void for_each_node(Block* block, const Visit& visit) {
  for (Node* node : block->nodes()) {
    visit(node);
    for (Block* inner : node->blocks()) for_each_node(inner, visit);
  }
}

}  // namespace rationale::explain::torchscript
