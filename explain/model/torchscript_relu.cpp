#include "explain/model/torchscript_relu.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <set>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// max(g, 0) 1[x > 0]
struct GuidedRelu : torch::autograd::Function<GuidedRelu> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    context->save_for_backward({x});
    return x.relu();
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    return {gradients[0].relu() * x.gt(0).to(x.scalar_type())};
  }
};

/// max(g, 0)
struct DeconvolutionRelu : torch::autograd::Function<DeconvolutionRelu> {
  static at::Tensor forward(AutogradContext*, const at::Tensor& x) { return x.relu(); }
  static variable_list backward(AutogradContext*, const variable_list& gradients) {
    return {gradients[0].relu()};
  }
};

at::Tensor guided_relu(const at::Tensor& x) { return GuidedRelu::apply(x); }
at::Tensor deconvolution_relu(const at::Tensor& x) { return DeconvolutionRelu::apply(x); }

bool is_number(const Value* value, double wanted) {
  const auto constant = torch::jit::toIValue(value);
  return constant && constant->isScalar() && constant->toScalar().toDouble() == wanted;
}

bool is_none(const Value* value) {
  const auto constant = torch::jit::toIValue(value);
  return constant && constant->isNone();
}

/// max(x, 0), however it is written.
bool is_relu(const Node* node) {
  const std::string name = node->kind().toQualString();
  if (name == "aten::relu") return true;
  if (name == "aten::clamp_min") return is_number(node->input(1), 0);
  if (name == "aten::clamp") return is_number(node->input(1), 0) && is_none(node->input(2));
  if (name == "aten::threshold") return is_number(node->input(1), 0) && is_number(node->input(2), 0);
  return false;
}

/// A sigmoid or softmax as the last step is part of the target, not of the network.
bool is_final(const Graph& graph, const Node* node) {
  static const std::set<std::string> kinds = {"aten::sigmoid", "aten::softmax", "aten::log_softmax"};
  return kinds.count(node->kind().toQualString()) != 0 && node->output() == graph.outputs()[0];
}

bool is_other_activation(const Node* node) {
  static const std::set<std::string> kinds = {
      "aten::_add_relu", "aten::celu",       "aten::elu",         "aten::gelu",     "aten::glu",
      "aten::hardshrink", "aten::hardsigmoid", "aten::hardswish", "aten::hardtanh", "aten::leaky_relu",
      "aten::log_sigmoid", "aten::mish",     "aten::prelu",       "aten::relu6",    "aten::relu_",
      "aten::rrelu",     "aten::selu",       "aten::sigmoid",     "aten::silu",     "aten::softmax",
      "aten::softplus",  "aten::softshrink", "aten::tanh",        "aten::threshold"};
  std::string name = node->kind().toQualString();
  if (name != "aten::relu_" && name.ends_with('_')) name.pop_back();
  return kinds.count(name) != 0;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(rationale, library) {
  library.def(torch::schema("guided_relu(Tensor x) -> Tensor", c10::AliasAnalysisKind::FROM_SCHEMA));
  library.def(
      torch::schema("deconvolution_relu(Tensor x) -> Tensor", c10::AliasAnalysisKind::FROM_SCHEMA));
}

TORCH_LIBRARY_IMPL(rationale, CompositeImplicitAutograd, library) {
  library.impl("guided_relu", guided_relu);
  library.impl("deconvolution_relu", deconvolution_relu);
}

void change_relus(Graph& graph, ReluRule rule, const std::string& where) {
  std::vector<Node*> relus;
  for_each_node(graph.block(), [&](Node* node) {
    if (is_relu(node)) {
      relus.push_back(node);
    } else if (is_other_activation(node) && !is_final(graph, node)) {
      throw Error(Error::Kind::kRefused,
                  std::string("the model uses ") + node->kind().toQualString() +
                      ", for which guided backpropagation and deconvolution are not defined",
                  where, "use input_gradient or ig_gauss_legendre")
          .with_code("other_activation");
    }
  });
  if (relus.empty()) {
    throw Error(Error::Kind::kRefused,
                "the model has no ReLU: guided backpropagation and deconvolution would be the plain gradient",
                where, "use input_gradient")
        .with_code("no_relu");
  }
  const auto kind = c10::Symbol::fromQualString(
      rule == ReluRule::kGuided ? "rationale::guided_relu" : "rationale::deconvolution_relu");
  for (Node* node : relus) {
    Node* changed = graph.create(kind, {node->input(0)}, 1);
    changed->output()->setType(c10::TensorType::get());
    changed->insertBefore(node);
    node->output()->replaceAllUsesWith(changed->output());
    node->destroy();
  }
}

}  // namespace rationale::explain::torchscript
