#include "explain/model/torchscript_reach.h"

#include <set>
#include <string>
#include <unordered_set>

#include "explain/model/torchscript_run.h"

namespace rationale::explain::torchscript {
namespace {

bool is_one_of(const Node* node, const std::set<std::string>& kinds) {
  return kinds.count(node->kind().toQualString()) != 0;
}

/// Each of its outputs looks at all of its input's channels.
bool mixes(const Node* node) {
  return is_one_of(node, {"aten::linear", "aten::addmm", "aten::matmul", "aten::mm", "aten::bmm", "aten::baddbmm",
                          "aten::_convolution", "aten::conv1d", "aten::conv2d", "aten::conv3d"});
}

bool joins(const Node* node) {
  return is_one_of(node, {"aten::cat", "aten::concat", "aten::stack", "aten::hstack", "aten::vstack", "aten::copy_",
                          "aten::index_put", "aten::index_put_", "aten::index_add", "aten::index_copy", "aten::scatter",
                          "aten::where", "aten::pad", "aten::constant_pad_nd"});
}

}  // namespace

bool joins_classes(const Graph& graph) {
  std::vector<const Node*> open{graph.outputs()[0]->node()};
  std::unordered_set<const Node*> seen;
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (!seen.insert(node).second || mixes(node)) continue;
    if (joins(node)) return true;
    for (const Value* input : node->inputs()) open.push_back(input->node());
  }
  return false;
}

std::vector<std::int64_t> unreached_classes(const Cleaned& cleaned, const Tap& tap, const LoadedModule& loaded,
                                            const std::vector<std::int64_t>& input_shape) {
  const GraphPtr graph = cleaned.graph->copy();
  Value* noise = graph->addInput("noise");
  noise->setType(c10::TensorType::get());
  std::vector<Node*> taps;
  for (Node* node : graph->block()->nodes()) {
    if (is_tap(node)) taps.push_back(node);
  }
  Value* shape_source = nullptr;
  for (Node* node : taps) {
    Value* value = node->input();
    if (tapped_call(node) == tap.call) {
      torch::jit::WithInsertPoint here(node);
      shape_source = value;
      value = graph->insert(c10::aten::add, {value, noise});
    }
    node->output()->replaceAllUsesWith(value);
    node->destroy();
  }
  if (shape_source == nullptr) return {};
  graph->registerOutput(shape_source);
  set_device(*graph, loaded.device);
  const at::NoGradGuard no_graph;
  const Program program(graph, "reach");
  const at::Tensor x = pseudo_random(input_shape, 5).to(loaded.device);
  const auto plain = program.run({x, at::zeros({}, x.options())});
  const at::Tensor logits = plain[0].toTensor()[0], value = plain[1].toTensor();
  at::Tensor is_same = at::ones_like(logits, at::kBool);
  for (const double size : {1.0, 30.0}) {
    const at::Tensor other = (pseudo_random(value.sizes().vec(), 11) * size).to(value.device(), value.scalar_type());
    is_same = is_same.logical_and(program.run({x, other})[0].toTensor()[0].eq(logits));
  }
  std::vector<std::int64_t> classes;
  is_same = is_same.flatten();
  for (std::int64_t k = 0; k < is_same.numel(); ++k) {
    if (is_same[k].item<bool>()) classes.push_back(k);
  }
  return classes;
}

}  // namespace rationale::explain::torchscript
