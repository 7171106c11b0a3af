#include "explain/model/torchscript_lists.h"

#include <algorithm>

namespace rationale::explain::torchscript {
namespace {

bool is_append(const Node* node, const Value* list) {
  return node->kind() == c10::aten::append && node->input(0) == list;
}

/// Only readings and appends, all at top level; nobody keeps what an append returns.
bool is_simple(const Value* list, const Block* top) {
  return std::all_of(list->uses().begin(), list->uses().end(), [&](const torch::jit::Use& use) {
    const Node* user = use.user;
    if (user->owningBlock() != top) return false;
    if (user->kind() == c10::aten::append) {
      return user->input(0) == list && user->input(1) != list && !user->hasUses();
    }
    return user->kind() == c10::aten::cat || user->kind() == c10::aten::stack ||
           user->kind() == c10::aten::len || user->kind() == c10::aten::__getitem__ ||
           user->kind() == c10::prim::ListUnpack;
  });
}

void replay(Graph& graph, Node* construct) {
  Value* list = construct->output();
  std::vector<Value*> elements = construct->inputs().vec();
  std::vector<Node*> appends;
  Value* current = list;
  // Snapshot: the walk inserts fresh lists.
  std::vector<Node*> later;
  for (Node* node = construct->next(); node != graph.block()->return_node(); node = node->next()) {
    later.push_back(node);
  }
  for (Node* node : later) {
    if (is_append(node, list)) {
      elements.push_back(node->input(1));
      Node* fresh = graph.create(c10::prim::ListConstruct, elements, 1);
      fresh->insertBefore(node);
      fresh->output()->setType(list->type());
      current = fresh->output();
      appends.push_back(node);
    } else if (current != list) {
      node->replaceInputWith(list, current);
    }
  }
  for (Node* node : appends) node->destroy();
}

}  // namespace

void make_lists_pure(Graph& graph) {
  std::vector<Node*> constructs;
  for (Node* node : graph.block()->nodes()) {
    if (node->kind() == c10::prim::ListConstruct) constructs.push_back(node);
  }
  for (Node* construct : constructs) {
    const auto& uses = construct->output()->uses();
    const bool grows = std::any_of(uses.begin(), uses.end(), [&](const torch::jit::Use& use) {
      return is_append(use.user, construct->output());
    });
    if (grows && is_simple(construct->output(), graph.block())) replay(graph, construct);
  }
}

}  // namespace rationale::explain::torchscript
