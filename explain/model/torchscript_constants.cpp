#include "explain/model/torchscript_constants.h"

namespace rationale::explain::torchscript {

std::optional<std::vector<std::int64_t>> integers(const Value* value) {
  const auto constant = torch::jit::toIValue(value);
  if (constant && constant->isIntList()) return constant->toIntVector();
  if (constant && constant->isInt()) return std::vector<std::int64_t>{constant->toInt()};
  if (value->node()->kind() != c10::prim::ListConstruct) return std::nullopt;
  std::vector<std::int64_t> result;
  for (const Value* element : value->node()->inputs()) {
    const auto item = torch::jit::toIValue(element);
    if (!item || !item->isInt()) return std::nullopt;
    result.push_back(item->toInt());
  }
  return result;
}

std::optional<IValue> constant(const Value* value) {
  if (value == nullptr) return std::nullopt;
  const auto found = torch::jit::toIValue(value);
  return found ? std::optional<IValue>(*found) : std::nullopt;
}

const Value* argument(const Node* node, const char* name) {
  const auto* schema = node->maybeSchema();
  if (schema == nullptr) return nullptr;
  for (std::size_t i = 0; i < schema->arguments().size() && i < node->inputs().size(); ++i) {
    if (schema->arguments()[i].name() == name) return node->input(i);
  }
  return nullptr;
}

}  // namespace rationale::explain::torchscript
