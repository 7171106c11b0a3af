#include "explain/model/torchscript_half.h"

#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

const c10::Symbol kTo = c10::Symbol::fromQualString("aten::to");

[[noreturn]] void refuse(const SplitOptions& options, const std::string& why) {
  throw Error(Error::Kind::kRefused, "the model cannot run in " + options.prefix_variant + ": " + why, options.layer,
              "use --precision float32")
      .with_code("half_precision");
}

at::MemoryFormat channels_last_of(const at::Tensor& tensor) {
  return tensor.dim() == 4   ? at::MemoryFormat::ChannelsLast
         : tensor.dim() == 5 ? at::MemoryFormat::ChannelsLast3d
                             : at::MemoryFormat::Contiguous;
}

void convert_weights(Graph& graph, at::ScalarType type) {
  std::vector<Node*> constants;
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == c10::prim::Constant) constants.push_back(node);
  });
  for (Node* node : constants) {
    const auto value = torch::jit::toIValue(node->output());
    if (!value || !value->isTensor() || value->toTensor().scalar_type() != at::kFloat) continue;
    const at::Tensor half = value->toTensor().to(type);
    const torch::jit::WithInsertPoint guard(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(half.contiguous(channels_last_of(half))));
    node->destroy();
  }
}

Value* insert_conversion(Graph& graph, Value* from, at::ScalarType type) {
  from->setType(c10::TensorType::get());  // no stale data type
  return graph.insert(kTo, {from, static_cast<std::int64_t>(type), false, false});
}

/// @param plain  what the graph returns for some input
void convert_border(Graph& graph, at::ScalarType type, const std::vector<IValue>& plain) {
  Value* input = graph.inputs()[0];
  {
    const torch::jit::WithInsertPoint guard(*graph.nodes().begin());
    Value* half = insert_conversion(graph, input, type);
    input->replaceAllUsesAfterNodeWith(half->node(), half);
  }
  const torch::jit::WithInsertPoint guard(graph.return_node());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (!plain[i].isTensor() || plain[i].toTensor().scalar_type() != at::kFloat) continue;
    graph.return_node()->replaceInput(i, insert_conversion(graph, graph.outputs()[i], at::kFloat));
  }
}

}  // namespace

bool is_half(const std::string& prefix_variant) { return prefix_variant == "bfloat16" || prefix_variant == "float16"; }

void use_half_prefix(TorchScriptSplit& split, const SplitOptions& options) {
  const auto type = options.prefix_variant == "bfloat16" ? at::kBFloat16 : at::kHalf;
  const GraphPtr plain = split.graphs().prefix;
  if (split.dtype() != at::kFloat) refuse(options, "it runs in float64");
  if (split.graphs().has_in_place) refuse(options, "it changes values in place");
  if (plain->nodes().begin() == plain->nodes().end()) refuse(options, "it is cut at its input");

  const at::NoGradGuard no_graph;
  const at::Tensor x = pseudo_random(options.input_shape, 4711).to(split.device());
  try {
    GraphPtr graph = plain->copy();
    torch::jit::OptimizeFrozenGraph(graph, /*optimize_numerics=*/true);
    convert_weights(*graph, type);
    convert_border(*graph, type, Program(plain, "prefix").run({x}));
    split.use_prefix(options.prefix_variant, Program(graph, "prefix_" + options.prefix_variant), /*channels_last=*/true);
    if (!split.run(x)->activation.isfinite().all().item<bool>()) refuse(options, "a value overflows");
    split.drop_plain_prefix();
  } catch (const Error& error) {
    if (error.code == "half_precision") throw;
    refuse(options, error.what());
  } catch (const std::exception& exception) {
    refuse(options, short_message(exception));
  }
}

}  // namespace rationale::explain::torchscript
