#include "explain/model/torchscript_operators.h"

#include <torch/csrc/jit/passes/inliner.h>

#include <sstream>
#include <unordered_set>

#include "allowed_operators.txt.h"
#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

using Names = std::unordered_set<std::string>;

/// "aten::add", "prim::If", … from the sections of the text.
Names parse_names(const char* text) {
  Names names;
  std::istringstream lines{text};
  std::string line, space;
  while (std::getline(lines, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      space = line.substr(1, line.find(']') - 1) + "::";
      continue;
    }
    std::istringstream words{line};
    for (std::string word; words >> word;) names.insert(space + word);
  }
  return names;
}

[[noreturn]] void refuse(const std::string& what, const std::string& owner,
                         const std::string& where) {
  throw Error(
      Error::Kind::kInput, what + " in " + owner, where,
      "a model file is a program; export the model without this operator, or ask its maker what "
      "it does there")
      .with_code("operator_not_allowed");
}

class Check {
 public:
  explicit Check(std::string where)
      : where_(std::move(where)), allowed_(parse_names(kAllowedOperatorsTxt)) {}

  void module(const torch::jit::Module& root) {
    for (const auto& named : root.named_modules()) {
      const std::string owner =
          named.name.empty() ? "the model itself" : "submodule \"" + named.name + "\"";
      type(named.value.type(), owner);
    }
  }

 private:
  void type(const c10::TypePtr& type_ptr, const std::string& owner) {
    for (const c10::TypePtr& inner : type_ptr->containedTypes()) {
      if (type_ptr->kind() != c10::TypeKind::ClassType) type(inner, owner);
    }
    if (type_ptr->kind() == c10::TypeKind::InterfaceType) {
      refuse("the interface " + type_ptr->str() + " (it can stand for any code)", owner, where_);
    }
    const auto class_type = type_ptr->cast<c10::ClassType>();
    if (!class_type || !types_.insert(class_type.get()).second) return;
    const std::string name = class_type->name() ? class_type->name()->qualifiedName() : "";
    if (name.rfind("__torch__.torch.classes.", 0) == 0) {
      refuse("an object of the custom C++ class " + name, owner, where_);
    }
    const auto method_owner = [&](const torch::jit::Function* function) {
      return owner + ", method " + function->name();
    };
    for (auto* function : class_type->methods()) this->function(*function, method_owner(function));
    for (auto* hook : class_type->getForwardHooks()) function(*hook, method_owner(hook));
    for (auto* hook : class_type->getForwardPreHooks()) function(*hook, method_owner(hook));
    for (std::size_t i = 0; i < class_type->numAttributes(); ++i) {
      const c10::TypePtr attribute = class_type->getAttribute(i);
      const auto as_class = attribute->cast<c10::ClassType>();
      if (!as_class || !as_class->is_module())
        type(attribute, owner);  // submodules have their turn
    }
  }

  void function(torch::jit::Function& any, const std::string& owner) {
    if (!functions_.insert(&any).second) return;
    torch::jit::GraphFunction* graph_function = torch::jit::tryToGraphFunction(any);
    if (graph_function == nullptr) refuse("the built-in function " + any.name(), owner, where_);
    graph_function->ensure_defined();
    for_each_node(graph_function->graph()->block(), [&](Node* node) { this->node(node, owner); });
  }

  void node(Node* node, const std::string& owner) {
    const std::string name = node->kind().toQualString();
    if (allowed_.count(name) == 0)
      refuse("the operator " + name + " is not allowed:", owner, where_);
    if (name == "prim::unchecked_cast") cast(*node, owner);
    for (const Value* output : node->outputs()) {
      // Submodules are checked by name; other classes where their objects appear.
      const auto as_class = output->type()->cast<c10::ClassType>();
      if (!as_class || !as_class->is_module()) type(output->type(), owner);
    }
    if (node->kind() == c10::prim::CallFunction) {
      torch::jit::GraphFunction* callee = torch::jit::tryToGraphFunction(node);
      if (callee == nullptr) refuse("a call of an unknown function", owner, where_);
      function(*callee, owner);
    }
    if (node->kind() == c10::prim::CallMethod) {
      const auto receiver = node->input(0)->type()->cast<c10::ClassType>();
      if (!receiver) refuse("a method call on " + node->input(0)->type()->str(), owner, where_);
      function(receiver->getMethod(node->s(c10::attr::name)), owner);
    }
  }

  /// What is not looked at while it runs must hold by the types: nothing but None may be ruled out.
  void cast(const Node& node, const std::string& owner) {
    const c10::TypePtr from = node.input()->type(), to = node.output()->type();
    const auto optional = from->cast<c10::OptionalType>();
    if (from->isSubtypeOf(*to) || (optional && optional->getElementType()->isSubtypeOf(*to))) return;
    refuse("an unchecked cast from " + from->str() + " to " + to->str(), owner, where_);
  }

  std::string where_;
  Names allowed_;
  std::unordered_set<const void*> types_;
  std::unordered_set<const void*> functions_;
};

}  // namespace

void check_operators(const torch::jit::Module& module, const std::string& where) {
  Check(where).module(module);
}

}  // namespace rationale::explain::torchscript
