#include "explain/model/torchscript_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

using Members = std::vector<std::pair<std::string, Value*>>;

/// Top-level `d[key] = value` that come after a DictConstruct; nothing if one is in a branch.
std::optional<std::vector<Node*>> later_items(const Value* dict) {
  std::vector<Node*> items;
  for (const torch::jit::Use& use : dict->uses()) {
    if (use.user->kind() != c10::aten::_set_item) continue;
    if (use.user->owningBlock() != dict->node()->owningBlock()) return std::nullopt;
    items.push_back(use.user);
  }
  std::sort(items.begin(), items.end(), [](Node* a, Node* b) { return a->isBefore(b); });
  return items;
}

std::optional<std::string> key_text(const Value* key) {
  const auto constant = torch::jit::toIValue(key);
  if (constant && constant->isString()) return constant->toStringRef();
  if (constant && constant->isInt()) return std::to_string(constant->toInt());
  return std::nullopt;
}

/// The named parts of a tuple, list or dictionary; nothing if the value is no such thing.
std::optional<Members> members(Value* value) {
  Node* node = value->node();
  Members result;
  if (node->kind() == c10::prim::TupleConstruct) {
    const auto type = value->type()->cast<c10::TupleType>();
    const auto& schema = type ? type->schema() : nullptr;
    for (std::size_t i = 0; i < node->inputs().size(); ++i) {
      result.emplace_back(schema ? schema->arguments()[i].name() : std::to_string(i),
                          node->inputs()[i]);
    }
    return result;
  }
  if (node->kind() == c10::prim::ListConstruct) {
    for (std::size_t i = 0; i < node->inputs().size(); ++i) {
      result.emplace_back(std::to_string(i), node->inputs()[i]);
    }
    return result;
  }
  if (node->kind() != c10::prim::DictConstruct) return std::nullopt;
  const auto put = [&](const Value* key, Value* item) {
    const std::optional<std::string> name = key_text(key);
    if (!name) return false;
    const auto known = std::find_if(result.begin(), result.end(),
                                    [&](const auto& member) { return member.first == *name; });
    if (known != result.end()) {
      known->second = item;
    } else {
      result.emplace_back(*name, item);
    }
    return true;
  };
  for (std::size_t i = 0; i + 1 < node->inputs().size(); i += 2) {
    if (!put(node->inputs()[i], node->inputs()[i + 1])) return std::nullopt;
  }
  const auto items = later_items(value);
  if (!items) return std::nullopt;
  for (Node* item : *items) {
    if (!put(item->input(1), item->input(2))) return std::nullopt;
  }
  return result;
}

bool is_tensor(const Value* value) { return value->type()->isSubtypeOf(*c10::TensorType::get()); }

void collect_names(Value* value, const std::string& prefix, std::vector<std::string>& names) {
  const auto parts = is_tensor(value) ? std::nullopt : members(value);
  if (!parts) {
    if (is_tensor(value)) names.push_back(prefix);
    return;
  }
  for (const auto& [name, part] : *parts) {
    collect_names(part, prefix.empty() ? name : prefix + "." + name, names);
  }
}

/// Follows `selector` from `value`: the whole text as one name, or up to a '.', or a position.
Value* follow(Value* value, const std::string& selector) {
  if (selector.empty()) return is_tensor(value) ? value : nullptr;
  const auto parts = is_tensor(value) ? std::nullopt : members(value);
  if (!parts) return nullptr;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const auto& [name, part] = (*parts)[i];
    const bool has_positions = value->node()->kind() != c10::prim::DictConstruct;
    for (const std::string& as : {name, has_positions ? std::to_string(i) : name}) {
      if (selector == as) return follow(part, "");
      if (selector.rfind(as + ".", 0) == 0) {
        if (Value* found = follow(part, selector.substr(as.size() + 1))) return found;
      }
    }
  }
  return nullptr;
}

void forget_items(Value* dict) {
  std::vector<Node*> doomed;
  for (const torch::jit::Use& use : dict->uses()) {
    if (use.user->kind() == c10::aten::_set_item && !use.user->hasUses())
      doomed.push_back(use.user);
  }
  for (Node* node : doomed) node->destroy();
}

}  // namespace

std::vector<std::string> output_names(Graph& graph) {
  std::vector<std::string> names;
  collect_names(graph.outputs()[0], "", names);
  return names;
}

std::string select_output(Graph& graph, const std::string& selector, const std::string& where) {
  Value* whole = graph.outputs()[0];
  if (Value* chosen = follow(whole, selector)) {
    if (chosen == whole) return {};
    graph.eraseOutput(0);
    graph.registerOutput(chosen);
    if (whole->node()->kind() == c10::prim::DictConstruct) forget_items(whole);
    return selector;
  }
  const std::vector<std::string> names = output_names(graph);
  if (selector.empty() && names.size() == 1 && !names[0].empty()) {  // the others are None
    return select_output(graph, names[0], where);
  }
  if (names.empty()) {
    throw Error(
        Error::Kind::kRefused,
        "the model's output (" + whole->type()->repr_str() + ") cannot be followed to a tensor",
        where, "export a wrapper that returns the logits as one tensor")
        .with_code("output_not_followed");
  }
  if (is_tensor(whole)) {
    throw Error(Error::Kind::kUsage,
                "the model returns one tensor: there is no output \"" + selector + "\"", where,
                "leave --output out")
        .with_code("unknown_output");
  }
  throw Error(Error::Kind::kUsage,
              selector.empty() ? "the model returns several outputs"
                               : "the model has no output \"" + selector + "\"",
              where, fmt::format("choose one with --output: {}", fmt::join(names, ", ")))
      .with_code(selector.empty() ? "output_needed" : "unknown_output");
}

}  // namespace rationale::explain::torchscript
