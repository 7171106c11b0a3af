#include "explain/model/torchscript_inline.h"

#include <torch/csrc/jit/passes/inliner.h>
#include <torch/library.h>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

constexpr int kMostNodes = 1000000;

/// "forward", "forward1" (a traced module called again), "forward__0" (an overload).
bool is_forward(const std::string& method) {
  if (method.rfind("forward", 0) != 0) return false;
  return method.find_first_not_of("_0123456789", 7) == std::string::npos;
}

Node* first_call(Block* block) {
  for (Node* node : block->nodes()) {
    if (node->kind() == c10::prim::CallMethod || node->kind() == c10::prim::CallFunction)
      return node;
    for (Block* inner : node->blocks()) {
      if (Node* call = first_call(inner)) return call;
    }
  }
  return nullptr;
}

torch::jit::GraphFunction* callee_of(Node* call) {
  if (call->kind() == c10::prim::CallFunction) return torch::jit::tryToGraphFunction(call);
  const auto receiver = call->input(0)->type()->cast<c10::ClassType>();
  return torch::jit::tryToGraphFunction(receiver->getMethod(call->s(c10::attr::name)));
}

/// Optional inputs take their default values; what has none is asked of nobody.
void keep_one_input(Graph& graph, const c10::FunctionSchema& schema, const std::string& where) {
  for (std::size_t i = graph.inputs().size(); i-- > 2;) {
    Value* input = graph.inputs()[i];
    const auto& default_value = schema.arguments()[i].default_value();
    if (default_value) {
      torch::jit::WithInsertPoint guard(*graph.block()->nodes().begin());
      input->replaceAllUsesWith(graph.insertConstant(*default_value));
    }
    if (input->hasUses()) {
      throw Error(Error::Kind::kRefused,
                  "the model takes " + std::to_string(graph.inputs().size() - 1) + " inputs", where,
                  "export a wrapper whose forward takes the image alone");
    }
    graph.eraseInput(i);
  }
  if (graph.inputs().size() != 2) {
    throw Error(Error::Kind::kRefused, "the model's forward takes no input", where,
                "export a model whose forward takes the image");
  }
}

void refuse_blocks_with_effects(Graph& graph, const std::string& where) {
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == c10::prim::Enter || node->kind() == c10::prim::Exit ||
        node->kind() == c10::prim::CreateObject) {
      throw Error(
          Error::Kind::kRefused,
          "forward has a `with` block (such as torch.no_grad) or makes objects; its gradients "
          "cannot be trusted",
          where, "export the model without it: the program itself decides where gradients run")
          .with_code("with_block");
    }
  });
}

}  // namespace

TORCH_LIBRARY(rationale, library) {
  library.def(torch::schema("tap(Tensor x) -> Tensor", c10::AliasAnalysisKind::FROM_SCHEMA));
}

TORCH_LIBRARY_IMPL(rationale, CompositeExplicitAutograd, library) {
  library.impl("tap", [](const at::Tensor& x) { return x.clone(); });
}

Node* insert_tap(Graph& graph, Value* value, int number) {
  Node* tap = graph.create(c10::Symbol::fromQualString("rationale::tap"), 1);
  if (value->node() == graph.block()->param_node()) {
    tap->insertBefore(*graph.block()->nodes().begin());
  } else {
    tap->insertAfter(value->node());
  }
  value->replaceAllUsesWith(tap->output());
  tap->addInput(value);
  tap->i_(c10::Symbol::attr("call"), number);
  tap->output()->setType(c10::TensorType::get());
  return tap;
}

bool is_tap(const Node* node) {
  static const c10::Symbol kind = c10::Symbol::fromQualString("rationale::tap");
  return node->kind() == kind;
}

int tapped_call(const Node* tap) { return static_cast<int>(tap->i(c10::Symbol::attr("call"))); }

std::optional<IValue> resolve(const Value* value, const Value* self,
                              const torch::jit::Module& root) {
  if (value == self) return IValue(root._ivalue());
  const Node* node = value->node();
  if (node->kind() != c10::prim::GetAttr) return std::nullopt;
  const std::optional<IValue> owner = resolve(node->input(0), self, root);
  if (!owner || !owner->isObject()) return std::nullopt;
  return owner->toObject()->getAttr(node->s(c10::attr::name));
}

Inlined inline_calls(const LoadedModule& loaded, const void* target) {
  auto& forward = torch::jit::toGraphFunction(loaded.module.get_method("forward").function());
  forward.ensure_defined();
  Inlined result{forward.graph()->copy(), {}};
  Graph& graph = *result.graph;
  keep_one_input(graph, forward.getSchema(), loaded.file.string());
  const Value* self = graph.inputs()[0];
  int n_nodes = 0;
  while (Node* call = first_call(graph.block())) {
    torch::jit::GraphFunction* callee = callee_of(call);
    TORCH_INTERNAL_ASSERT(callee != nullptr);  // check_operators has seen to it
    if (call->kind() == c10::prim::CallMethod && is_forward(call->s(c10::attr::name))) {
      const std::optional<IValue> receiver = resolve(call->input(0), self, loaded.module);
      const void* object = receiver ? receiver->toObject().get() : nullptr;
      if (object != nullptr && (target == nullptr || target == object)) {
        const bool is_tensor = call->output()->type()->isSubtypeOf(*c10::TensorType::get());
        result.calls.push_back({object, is_tensor ? "Tensor" : call->output()->type()->repr_str()});
        if (is_tensor) insert_tap(graph, call->output(), static_cast<int>(result.calls.size()) - 1);
      }
    }
    if (call->kind() == c10::prim::CallFunction) call->removeInput(0);
    callee->ensure_defined();
    for_each_node(callee->graph()->block(), [&](Node*) { ++n_nodes; });
    if (n_nodes > kMostNodes) {
      throw Error(Error::Kind::kRefused, "the model unfolds to more than a million operations",
                  loaded.file.string(), "this is no ordinary model: do not use it");
    }
    torch::jit::inlineCallTo(call, callee, callee->graph().get());
  }
  refuse_blocks_with_effects(graph, loaded.file.string());
  return result;
}

}  // namespace rationale::explain::torchscript
