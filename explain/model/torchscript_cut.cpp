#include "explain/model/torchscript_cut.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace rationale::explain::torchscript {
namespace {

using Values = std::unordered_set<const Value*>;

/// What a node reads from outside itself: its inputs, and outer values that its blocks use.
void for_each_outer_input(Node* node, const std::function<void(Value*)>& visit) {
  Values inner;
  const std::function<void(Node*, bool)> walk = [&](Node* here, bool is_inner) {
    for (Value* input : here->inputs()) {
      if (inner.count(input) == 0) visit(input);
    }
    for (Block* block : here->blocks()) {
      for (const Value* input : block->inputs()) inner.insert(input);
      for (Node* below : block->nodes()) walk(below, true);
      for (Value* output : block->outputs()) {
        if (inner.count(output) == 0) visit(output);
      }
    }
    if (is_inner) {
      for (const Value* output : here->outputs()) inner.insert(output);
    }
  };
  walk(node, false);
}

bool has_in_place_changes(Graph& graph) {
  for (Node* node : graph.block()->nodes()) {
    if (changes_in_place(node)) return true;
  }
  return false;
}

/// Nodes behind the tap: those that depend on it, or all that follow it.
std::vector<Node*> nodes_behind(Node* tap, bool by_program_order) {
  Values depends{tap->output()};
  std::vector<Node*> behind;
  for (Node* node = tap->next(); node != tap->owningBlock()->return_node(); node = node->next()) {
    if (node->kind() == c10::prim::Constant) continue;
    bool is_behind = by_program_order;
    for_each_outer_input(node,
                         [&](Value* input) { is_behind = is_behind || depends.count(input) != 0; });
    if (!is_behind) continue;
    behind.push_back(node);
    for (const Value* output : node->outputs()) depends.insert(output);
  }
  return behind;
}

bool reaches(const Value* output, Node* tap) {
  if (output == tap->output()) return true;
  for (Node* node : nodes_behind(tap, false)) {
    for (const Value* each : node->outputs()) {
      if (each == output) return true;
    }
  }
  return false;
}

/// Operators whose derivative LibTorch lacks; a model traced in eval mode bakes in the first.
std::string without_derivative(const std::vector<Node*>& nodes) {
  std::string found;
  const auto look = [&](const Node* node) {
    if (lacks_derivative(node)) found = node->kind().toUnqualString();
  };
  for (Node* node : nodes) {
    look(node);
    for (Block* block : node->blocks()) for_each_node(block, look);
  }
  return found;
}

bool is_detach(const Node* node) {
  const std::string name = node->kind().toUnqualString();
  return name == "detach" || name == "detach_" || name == "detach_copy" || name == "data";
}

/// Sizes and the like: what they came from is never differentiated.
bool holds_no_tensor(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
    case c10::TypeKind::NumberType:
    case c10::TypeKind::DeviceObjType:
      return true;
    case c10::TypeKind::ListType:
      return holds_no_tensor(type->containedType(0));
    default:
      return false;
  }
}

class Copier {
 public:
  explicit Copier(GraphPtr to) : to_(std::move(to)) {}

  void map(const Value* from, Value* to) { values_[from] = to; }
  bool knows(const Value* value) const { return values_.count(value) != 0; }
  Value* operator()(Value* value) const { return values_.at(value); }

  void copy(Node* node) {
    Node* clone = to_->createClone(node, [this](Value* value) { return (*this)(value); });
    to_->appendNode(clone);
    for (std::size_t i = 0; i < node->outputs().size(); ++i)
      map(node->outputs()[i], clone->outputs()[i]);
  }

 private:
  GraphPtr to_;
  std::unordered_map<const Value*, Value*> values_;
};

void remove_other_taps(Graph& graph, const Node* chosen) {
  std::vector<Node*> others;
  for_each_node(graph.block(), [&](Node* node) {
    if (is_tap(node) && node != chosen) others.push_back(node);
  });
  for (Node* node : others) {
    node->output()->replaceAllUsesWith(node->input());
    node->destroy();
  }
}

}  // namespace

std::string why_not(const Cleaned& cleaned, const Tap& tap) {
  if (tap.is_nested) return "it is inside a branch or loop that is decided while the model runs";
  if (tap.node == nullptr) return "the output does not use it";
  const bool by_order = has_in_place_changes(*cleaned.graph);
  // With in-place changes left, values also flow through memory: the check at load decides.
  if (!by_order && !reaches(cleaned.graph->outputs()[0], tap.node)) {
    return "the output does not depend on it";
  }
  const std::string bad = without_derivative(nodes_behind(tap.node, by_order));
  if (!bad.empty()) {
    return "behind it the model uses " + bad +
           ", fused attention without a derivative (traced in eval mode; torch.jit.script keeps "
           "the layers)";
  }
  return {};
}

bool stops_gradient(const Cleaned& cleaned, const Tap& tap) {
  if (tap.is_nested || tap.node == nullptr) return false;
  Values stopped;
  for (Node* node : nodes_behind(tap.node, false)) {
    bool is_stopped = is_detach(node);
    for_each_outer_input(node, [&](Value* input) { is_stopped = is_stopped || stopped.count(input) != 0; });
    for (const Value* output : node->outputs()) {
      if (is_stopped && !holds_no_tensor(output->type())) stopped.insert(output);
    }
  }
  return stopped.count(cleaned.graph->outputs()[0]) != 0;
}

Cut cut(Cleaned cleaned, const Tap& tap) {
  Graph& graph = *cleaned.graph;
  remove_other_taps(graph, tap.node);
  Cut result{std::make_shared<Graph>(), std::make_shared<Graph>(), 0, has_in_place_changes(graph)};
  const std::vector<Node*> behind = nodes_behind(tap.node, result.has_in_place);
  const std::unordered_set<const Node*> is_behind(behind.begin(), behind.end());

  Copier prefix(result.prefix);
  Value* x = result.prefix->addInput("x");
  x->setType(c10::TensorType::get());
  prefix.map(graph.inputs()[0], x);
  for (Node* node : graph.block()->nodes()) {
    if (node != tap.node && is_behind.count(node) == 0) prefix.copy(node);
    if (node == tap.node) prefix.map(node->output(), prefix(node->input()));
  }
  result.prefix->registerOutput(prefix(tap.node->output()));

  Copier suffix(result.suffix);
  Value* activation = result.suffix->addInput("activation");
  activation->setType(c10::TensorType::get());
  suffix.map(tap.node->output(), activation);
  const auto bring = [&](Value* value) {
    if (suffix.knows(value)) return;
    if (value->node()->kind() == c10::prim::Constant) {
      suffix.copy(value->node());
      return;
    }
    Value* side = result.suffix->addInput();
    side->setType(c10::unshapedType(value->type()));
    suffix.map(value, side);
    result.prefix->registerOutput(prefix(value));
    ++result.n_sides;
  };
  for (Node* node : behind) {
    for_each_outer_input(node, bring);
    suffix.copy(node);
  }
  Value* output = graph.outputs()[0];
  bring(output);
  result.suffix->registerOutput(suffix(output));
  torch::jit::EliminateDeadCode(result.prefix);
  torch::jit::EliminateDeadCode(result.suffix);
  return result;
}

}  // namespace rationale::explain::torchscript
