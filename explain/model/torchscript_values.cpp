#include "explain/model/torchscript_values.h"

#include <map>
#include <set>

namespace rationale::explain::torchscript {
namespace {

bool is_activation_function(const Node* node) {
  static const std::set<std::string> kinds = {
      "celu", "elu",         "gelu",  "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "prelu",
      "relu", "relu6", "rrelu", "selu", "sigmoid",     "silu",      "softplus", "tanh"};
  return kinds.count(node->kind().toUnqualString()) != 0;
}

bool is_worth_a_map(const Node* node) {
  static const std::set<std::string> kinds = {
      "_convolution",        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
      "adaptive_max_pool2d", "add",                 "addmm",               "avg_pool1d",
      "avg_pool2d",          "avg_pool3d",          "batch_norm",          "cat",
      "conv1d",              "conv2d",              "conv3d",              "conv_transpose2d",
      "conv_transpose3d",    "convolution",         "div",                 "group_norm",
      "instance_norm",       "layer_norm",          "linear",              "matmul",
      "max_pool1d",          "max_pool2d",          "max_pool3d",          "mul",
      "permute",             "reshape",             "stack",               "sub",
      "upsample_bilinear2d", "upsample_nearest2d"};
  const bool is_tensor =
      node->outputs().size() == 1 && node->output()->type()->isSubtypeOf(*c10::TensorType::get());
  return is_tensor && (is_activation_function(node) || kinds.count(node->kind().toUnqualString()) != 0);
}

/// The submodule's call that a value comes from, seen backwards along first inputs.
const Node* tap_before(const Node* node) {
  while (!node->inputs().empty()) {
    node = node->input(0)->node();
    if (is_tap(node)) return node;
  }
  return nullptr;
}

const Node* tap_right_behind(const Node* node) {
  for (const torch::jit::Use& use : node->output()->uses()) {
    if (is_tap(use.user)) return use.user;
  }
  return nullptr;
}

std::map<const void*, std::string> names_of_objects(const LoadedModule& loaded) {
  std::map<const void*, std::string> names;
  for (const auto& named : loaded.module.named_modules()) {
    names.emplace(named.value._ivalue().get(), named.name);
  }
  return names;
}

}  // namespace

Tap mark_input(Cleaned& cleaned) {
  Graph& graph = *cleaned.graph;
  const int number = static_cast<int>(cleaned.calls.size());
  cleaned.calls.push_back({nullptr, "Tensor"});
  Tap tap{number, 0, false, insert_tap(graph, graph.inputs()[0], number)};
  cleaned.taps.push_back(tap);
  return tap;
}

std::optional<Tap> mark_activation(Cleaned& cleaned, const Tap& tap) {
  if (tap.node == nullptr) return std::nullopt;
  Node* function = nullptr;
  for (const torch::jit::Use& use : tap.node->output()->uses()) {
    if (use.user->kind() == c10::aten::size) continue;
    if (function != nullptr || !is_activation_function(use.user)) return std::nullopt;
    function = use.user;
  }
  if (function == nullptr || function->owningBlock() != cleaned.graph->block()) return std::nullopt;
  const int number = static_cast<int>(cleaned.calls.size());
  cleaned.calls.push_back({nullptr, "Tensor"});
  Tap behind{number, tap.order, false, insert_tap(*cleaned.graph, function->output(), number)};
  cleaned.taps.push_back(behind);
  return behind;
}

ValueLabels mark_values(Cleaned& cleaned, const LoadedModule& loaded) {
  Graph& graph = *cleaned.graph;
  const auto names = names_of_objects(loaded);
  const auto name_of = [&](const Node* tap) {
    const auto known = names.find(cleaned.calls[static_cast<std::size_t>(tapped_call(tap))].object);
    return known == names.end() ? std::string() : known->second;
  };
  ValueLabels labels;
  std::vector<Node*> values, marks;
  for (Node* node : graph.block()->nodes()) {
    if (is_tap(node)) marks.push_back(node);
    if (!is_worth_a_map(node)) continue;
    const Node* behind = tap_right_behind(node);
    const Node* before = tap_before(node);
    std::string label = node->kind().toUnqualString();
    if (behind != nullptr) {
      label += " of " + name_of(behind);
    } else if (before != nullptr) {
      label += " after " + name_of(before);
    }
    labels.push_back(std::move(label));
    values.push_back(node);
  }
  for (Node* mark : marks) {
    mark->output()->replaceAllUsesWith(mark->input());
    mark->destroy();
  }
  cleaned.calls.clear();
  cleaned.taps.clear();
  for (Node* node : values) {
    const int number = static_cast<int>(cleaned.calls.size());
    cleaned.calls.push_back({nullptr, "Tensor"});
    cleaned.taps.push_back({number, 0, false, insert_tap(graph, node->output(), number)});
  }
  return labels;
}

}  // namespace rationale::explain::torchscript
