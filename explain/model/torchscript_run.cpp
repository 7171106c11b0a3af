#include "explain/model/torchscript_run.h"

#include <cstdint>

namespace rationale::explain::torchscript {
namespace {

template <typename Change>
void change_constants(Graph& graph, const Change& change) {
  std::vector<Node*> constants;
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == c10::prim::Constant) constants.push_back(node);
  });
  for (Node* node : constants) {
    const auto value = torch::jit::toIValue(node->output());
    if (!value) continue;
    const std::optional<IValue> changed = change(node, *value);
    if (!changed) continue;
    torch::jit::WithInsertPoint guard(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(*changed));
    node->destroy();
  }
}

/// Whether the value is only used as the data type argument of operators.
bool is_dtype(const Node* node) {
  for (const torch::jit::Use& use : node->output()->uses()) {
    const auto* schema = use.user->maybeSchema();
    if (schema == nullptr || use.offset >= schema->arguments().size() ||
        schema->arguments()[use.offset].name() != "dtype") {
      return false;
    }
  }
  return node->output()->hasUses();
}

}  // namespace

Program::Program(const GraphPtr& graph, const std::string& name) : code_(graph, name) {}

std::vector<IValue> Program::run(std::vector<IValue> inputs) const {
  torch::jit::InterpreterState(code_).run(inputs);
  return inputs;
}

IValue map_tensors(const IValue& value,
                   const std::function<at::Tensor(const at::Tensor&)>& change) {
  if (value.isTensor())
    return value.toTensor().defined() ? IValue(change(value.toTensor())) : value;
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(change(tensor));
    return list;
  }
  if (value.isTuple()) {
    std::vector<IValue> elements;
    for (const IValue& element : value.toTupleRef().elements()) {
      elements.push_back(map_tensors(element, change));
    }
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  return value;
}

IValue clone_tensors(const IValue& value) {
  return map_tensors(value, [](const at::Tensor& tensor) { return tensor.clone(); });
}

void make_double(Graph& graph) {
  change_constants(graph, [](const Node* node, const IValue& value) -> std::optional<IValue> {
    if (value.isTensor() && value.toTensor().scalar_type() == at::kFloat) {
      return IValue(value.toTensor().to(at::kDouble));
    }
    if (value.isInt() && value.toInt() == static_cast<int>(at::kFloat) && is_dtype(node)) {
      return IValue(static_cast<std::int64_t>(at::kDouble));
    }
    return std::nullopt;
  });
}

void set_device(Graph& graph, at::Device device) {
  change_constants(graph, [&](const Node*, const IValue& value) -> std::optional<IValue> {
    if (value.isTensor() && value.toTensor().device() != device)
      return IValue(value.toTensor().to(device));
    if (value.isDevice() && value.toDevice() != device) return IValue(device);
    return std::nullopt;
  });
}

}  // namespace rationale::explain::torchscript
