#include "explain/model/torchscript_clean.h"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/common_subexpression_elimination.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/peephole.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/base/error.h"
#include "explain/model/torchscript_lists.h"
#include "explain/model/torchscript_output.h"

namespace rationale::explain::torchscript {
namespace {

using torch::jit::WithInsertPoint;

std::vector<Node*> nodes_of_kind(Graph& graph, c10::Symbol kind) {
  std::vector<Node*> found;
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == kind) found.push_back(node);
  });
  return found;
}

Value* constant_at_start(Graph& graph, const IValue& value) {
  WithInsertPoint guard(*graph.block()->nodes().begin());
  const auto inserted = torch::jit::tryInsertConstant(graph, value);
  return inserted ? *inserted : nullptr;
}

void replace_by(Node* node, Value* value) {
  node->output()->replaceAllUsesWith(value);
  node->destroy();
}

void set_eval_mode(Graph& graph) {
  for (Node* node : nodes_of_kind(graph, c10::prim::GetAttr)) {
    if (node->s(c10::attr::name) == "training") replace_by(node, constant_at_start(graph, false));
  }
}

/// Scripted attention decides while it runs between a fused operator without a derivative and the plain
/// formula, by whether gradients are wanted. They are: we take the branch that a derivative can go through.
void take_differentiable_branches(Graph& graph) {
  const auto is_fused = [](Block* block) {
    return std::any_of(block->nodes().begin(), block->nodes().end(), lacks_derivative);
  };
  for (Node* node : nodes_of_kind(graph, c10::prim::If)) {
    const bool is_first_fused = is_fused(node->blocks()[0]);
    if (is_first_fused == is_fused(node->blocks()[1])) continue;
    node->replaceInput(0, constant_at_start(graph, !is_first_fused));
  }
}

/// Warnings and prints: they say nothing here, and would keep their inputs alive.
void remove_messages(Graph& graph) {
  std::vector<Node*> doomed;
  for_each_node(graph.block(), [&](Node* node) {
    const bool is_message = node->kind() == c10::aten::warn || node->kind() == c10::prim::Print ||
                            node->kind() == c10::Symbol::fromQualString("prim::Warn");
    if (is_message && !node->hasUses()) doomed.push_back(node);
  });
  for (Node* node : doomed) node->destroy();
}

/// An attribute of one object, by the object's identity.
using Attribute = std::pair<const void*, std::string>;

std::optional<Attribute> attribute_of(const Node* node, const Value* self,
                                      const torch::jit::Module& root) {
  const std::optional<IValue> owner = resolve(node->input(0), self, root);
  if (!owner || !owner->isObject()) return std::nullopt;
  return Attribute{owner->toObject().get(), node->s(c10::attr::name)};
}

/// What forward writes and never reads may go; what it reads makes its results depend on earlier
/// calls.
void remove_written_attributes(Graph& graph, const LoadedModule& loaded) {
  const Value* self = graph.inputs()[0];
  std::set<Attribute> written;
  for (Node* node : nodes_of_kind(graph, c10::prim::SetAttr)) {
    if (const auto attribute = attribute_of(node, self, loaded.module)) written.insert(*attribute);
    node->destroy();
  }
  torch::jit::EliminateDeadCode(graph.block());
  for (Node* node : nodes_of_kind(graph, c10::prim::GetAttr)) {
    const auto attribute = attribute_of(node, self, loaded.module);
    if (attribute && written.count(*attribute) != 0) {
      throw Error(Error::Kind::kRefused,
                  "forward writes attribute \"" + attribute->second +
                      "\" and reads it: its results depend on earlier calls",
                  loaded.file.string(), "export a model whose forward keeps no state")
          .with_code("writes_attribute");
    }
  }
}

void make_attributes_constant(Graph& graph, const torch::jit::Module& root) {
  const Value* self = graph.inputs()[0];
  std::map<const void*, Value*>
      tensors;  // one constant each: what is written under one name is read there
  for (Node* node : nodes_of_kind(graph, c10::prim::GetAttr)) {
    const auto as_class = node->output()->type()->cast<c10::ClassType>();
    if (as_class && as_class->is_module()) continue;
    std::optional<IValue> value = resolve(node->output(), self, root);
    if (!value) continue;
    const bool is_tensor = value->isTensor() && value->toTensor().defined();
    const void* identity = is_tensor ? value->toTensor().unsafeGetTensorImpl() : nullptr;
    if (is_tensor) value = value->toTensor().detach();
    const auto known = tensors.find(identity);
    Value* constant = known != tensors.end() ? known->second : constant_at_start(graph, *value);
    if (constant == nullptr) continue;
    if (is_tensor) tensors[identity] = constant;
    replace_by(node, constant);
  }
}

/// Numbers each submodule's calls in program order, before anything that is unused goes.
std::vector<Tap> number_calls(Graph& graph, const std::vector<Call>& calls) {
  std::vector<Tap> taps;
  std::map<const void*, int> counts;
  for_each_node(graph.block(), [&](Node* node) {
    if (!is_tap(node)) return;
    const int call = tapped_call(node);
    taps.push_back({call, counts[calls[static_cast<std::size_t>(call)].object]++,
                    node->owningBlock() != graph.block(), nullptr});
  });
  return taps;
}

void find_taps(Graph& graph, std::vector<Tap>& taps) {
  for (Tap& tap : taps) tap.node = nullptr;
  for (Node* node : graph.block()->nodes()) {
    if (!is_tap(node)) continue;
    for (Tap& tap : taps) {
      if (tap.call == tapped_call(node)) {
        tap.node = node;
        tap.is_nested = false;
      }
    }
  }
}

void simplify(GraphPtr& graph) {
  torch::jit::ConstantPropagation(graph);
  torch::jit::EliminateCommonSubexpression(graph);
  torch::jit::PeepholeOptimize(graph);
  torch::jit::EliminateDeadCode(graph);
}

bool is_constant_true(const Value* value) {
  const auto constant = torch::jit::toIValue(value);
  return constant && constant->isBool() && constant->toBool();
}

/// Eval-mode dropout is the identity, in place or not. A traced training mode is refused here.
void remove_dropout(Graph& graph, const std::string& where) {
  static const std::set<std::string> kinds = {"aten::dropout",
                                              "aten::dropout_",
                                              "aten::feature_dropout",
                                              "aten::feature_dropout_",
                                              "aten::alpha_dropout",
                                              "aten::alpha_dropout_",
                                              "aten::feature_alpha_dropout",
                                              "aten::feature_alpha_dropout_"};
  std::vector<Node*> dropouts;
  for_each_node(graph.block(), [&](Node* node) {
    const bool is_dropout = kinds.count(node->kind().toQualString()) != 0;
    const bool is_norm = node->kind() == c10::aten::batch_norm;
    if ((is_dropout && is_constant_true(node->input(2))) ||
        (is_norm && is_constant_true(node->input(5)))) {
      throw Error(Error::Kind::kRefused,
                  std::string("the model was exported in training mode: ") +
                      node->kind().toUnqualString() + " is active",
                  where, "call model.eval() before torch.jit.trace")
          .with_code("training_mode");
    }
    if (is_dropout) dropouts.push_back(node);
  });
  for (Node* node : dropouts) replace_by(node, node->input(0));
}

/// A parameter or buffer that forward changes in place: state again.
void refuse_changed_constants(const GraphPtr& graph, const std::string& where) {
  const torch::jit::AliasDb aliases(graph);
  std::vector<Value*> constants;
  for_each_node(graph->block(), [&](Node* node) {
    if (node->kind() != c10::prim::Constant) return;
    if (node->output()->type()->isSubtypeOf(*c10::TensorType::get()))
      constants.push_back(node->output());
  });
  for_each_node(graph->block(), [&](Node* node) {
    const auto* schema = node->maybeSchema();
    if (schema == nullptr || !schema->is_mutable()) return;
    for (std::size_t i = 0; i < node->inputs().size() && i < schema->arguments().size(); ++i) {
      const auto* alias = schema->arguments()[i].alias_info();
      if (alias == nullptr || !alias->isWrite()) continue;
      for (const Value* constant : constants) {
        if (aliases.mayAlias(node->input(i), constant)) {
          throw Error(Error::Kind::kRefused,
                      fmt::format("forward changes a parameter or buffer in place ({})",
                                  node->kind().toQualString()),
                      where, "export a model whose forward keeps no state")
              .with_code("writes_attribute");
        }
      }
    }
  });
}

void drop_self(Graph& graph, const std::string& where) {
  const Value* self = graph.inputs()[0];
  if (self->hasUses()) {
    const Node* user = self->uses()[0].user;
    const std::string what = user->kind() == c10::prim::GetAttr
                                 ? "attribute \"" + user->s(c10::attr::name) + "\""
                                 : "itself";
    throw Error(Error::Kind::kRefused,
                "forward uses " + what + " of the model in a way that cannot be made constant",
                where, "export a model whose attributes are tensors, numbers and submodules");
  }
  graph.eraseInput(0);
}

/// Constants in place of attributes and training flags, tuples taken apart; the output still whole.
std::vector<Tap> make_plain(GraphPtr& graph, const LoadedModule& loaded,
                            const std::vector<Call>& calls) {
  set_eval_mode(*graph);
  take_differentiable_branches(*graph);
  remove_messages(*graph);
  torch::jit::ConstantPropagation(
      graph);  // the writes of training mode sit in branches that die here
  remove_written_attributes(*graph, loaded);
  make_attributes_constant(*graph, loaded.module);
  torch::jit::ConstantPropagation(graph);
  std::vector<Tap> taps = number_calls(*graph, calls);
  torch::jit::EliminateDeadCode(graph);
  torch::jit::LowerSimpleTuples(graph);
  return taps;
}

}  // namespace

std::vector<std::string> output_names(const LoadedModule& loaded) {
  Inlined inlined = inline_calls(loaded, &loaded);  // marks nothing: no submodule has this address
  make_plain(inlined.graph, loaded, inlined.calls);
  return output_names(*inlined.graph);
}

bool lacks_derivative(const Node* node) {
  const std::string name = node->kind().toUnqualString();
  return name == "_native_multi_head_attention" || name == "_transformer_encoder_layer_fwd";
}

bool changes_in_place(Node* node) {
  const auto* schema = node->maybeSchema();
  if (node->kind() == c10::prim::SetAttr || (schema != nullptr && schema->is_mutable()))
    return true;
  for (Block* block : node->blocks()) {
    for (Node* inner : block->nodes()) {
      if (changes_in_place(inner)) return true;
    }
  }
  return false;
}

Cleaned clean(const LoadedModule& loaded, Inlined inlined, const std::string& output) {
  const std::string where = loaded.file.string();
  Cleaned result{std::move(inlined.graph), std::move(inlined.calls), {}, {}};
  GraphPtr& graph = result.graph;
  result.taps = make_plain(graph, loaded, result.calls);
  result.output = select_output(*graph, output, where);
  simplify(graph);
  remove_dropout(*graph, where);
  refuse_changed_constants(graph, where);
  make_lists_pure(*graph);
  torch::jit::RemoveListMutation(graph);
  torch::jit::RemoveTensorMutation(graph);
  simplify(graph);
  drop_self(*graph, where);
  find_taps(*graph, result.taps);
  return result;
}

}  // namespace rationale::explain::torchscript
