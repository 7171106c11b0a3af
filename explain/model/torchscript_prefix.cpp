// Fast mode: three optimised forms of the prefix, timed against each other once.
#include <fmt/format.h>
#include <torch/csrc/jit/passes/frozen_conv_folding.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/frozen_ops_to_mkldnn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "data/base/error.h"
#include "explain/model/torchscript_split.h"

namespace rationale::explain::torchscript {
namespace {

constexpr double kMostDifference = 1e-5;  // of the logits, relative to the plain prefix
constexpr double kMostOfOwnRounding = 4;  // or this many times what float32 itself does to the plain logits, but no
constexpr double kMostOfAll = 1e-3;       // more than this
constexpr const char* kFolded[] = {"folded", "folded_channels_last"};  // of a model cut at its input
constexpr int kRounds = 6;                // the first is warm-up

struct Variant {
  std::string name;
  Program program;
  bool is_channels_last = false;
  double seconds = HUGE_VAL;
};

void weights_to_channels_last(Graph& graph) {
  std::vector<Node*> constants;
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == c10::prim::Constant) constants.push_back(node);
  });
  for (Node* node : constants) {
    const auto value = torch::jit::toIValue(node->output());
    if (!value || !value->isTensor()) continue;
    const at::Tensor tensor = value->toTensor();
    if (tensor.dim() != 4 && tensor.dim() != 5) continue;
    torch::jit::WithInsertPoint guard(node);
    const auto format =
        tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::ChannelsLast3d;
    node->output()->replaceAllUsesWith(graph.insertConstant(tensor.contiguous(format)));
    node->destroy();
  }
}

/// Operators that return memory of their own, whatever their inputs are.
bool returns_new_memory(const Node* node) {
  static const std::set<std::string> kinds = {"aten::_convolution", "aten::convolution", "aten::conv1d",
                                              "aten::conv2d",       "aten::conv3d",      "aten::batch_norm",
                                              "aten::linear",       "aten::add",         "aten::cat"};
  return kinds.count(node->kind().toQualString()) != 0;
}

enum class Sums { kNewMemory, kInPlace };

/// A ReLU, or a sum of two tensors, over a value that nothing else uses is computed in that value's place, as most
/// networks are written (the cut is made in a pure graph, where each has been given memory of its own): 5 to 8 % of
/// DenseNet's time, and of ResNet-50's with large images. A sum that is larger than its first summand cannot be.
void work_in_place(Graph& graph, Sums sums) {
  std::vector<Node*> nodes;
  for_each_node(graph.block(), [&](Node* node) {
    const bool is_sum = node->kind() == c10::aten::add && node->input(1)->type()->kind() == c10::TypeKind::TensorType;
    if (node->kind() != c10::aten::relu && !(is_sum && sums == Sums::kInPlace)) return;
    const Value* x = node->input(0);
    if (x->uses().size() == 1 && x->node()->owningBlock() == node->owningBlock() && returns_new_memory(x->node())) {
      nodes.push_back(node);
    }
  });
  for (Node* node : nodes) {
    node->replaceWithNewSymbol(c10::Symbol::fromQualString(std::string(node->kind().toQualString()) + "_"));
  }
  for (Node* node : nodes) node->destroy();
}

Variant make_variant(const std::string& name, const GraphPtr& plain, Sums sums) {
  GraphPtr graph = plain->copy();
  torch::jit::OptimizeFrozenGraph(graph, /*optimize_numerics=*/true);
  if (name == "channels_last") weights_to_channels_last(*graph);
  if (name == "onednn") {
    torch::jit::ConvertFrozenOpsToMKLDNN(graph);
  } else {
    work_in_place(*graph, sums);
  }
  return {name, Program(graph, "prefix_" + name), name == "channels_last", HUGE_VAL};
}

double relative_difference(const at::Tensor& y, const at::Tensor& reference) {
  const double scale = std::max(reference.abs().max().item<double>(), 1e-12);
  return (y.to(reference.scalar_type()) - reference).abs().max().item<double>() / scale;
}

/// What the logits of the plain prefix and suffix are, and how far an optimised form may be from them.
class Agreement {
 public:
  Agreement(const TorchScriptSplit& split, at::Tensor x) : split_(split), x_(std::move(x)) {
    plain_ = split_.run(x_)->logits;
    prefix_ = split_.graphs().prefix;
    suffix_ = split_.graphs().suffix;
  }

  /// Whether the split, as it is set up now, does what the plain one does.
  bool holds() {
    try {
      const double difference = relative_difference(split_.logits(*split_.run(x_)), plain_);
      if (difference <= kMostDifference) return true;
      // A deep network may amplify the rounding of any order of the same sums.
      return difference <= kMostOfOwnRounding * own_rounding() && difference <= kMostOfAll;
    } catch (const std::exception&) {
      return false;  // a pass that this graph does not bear
    }
  }

 private:
  /// Of the plain logits in float32, found by running them in float64 once. 0: that cannot be run.
  double own_rounding() {
    if (rounding_) return *rounding_;
    rounding_ = 0;
    try {
      const at::NoGradGuard no_graph;
      const GraphPtr prefix = prefix_->copy(), suffix = suffix_->copy();
      make_double(*prefix);
      make_double(*suffix);
      const auto crossing = Program(prefix, "prefix64").run({x_.to(at::kDouble)});
      const at::Tensor exact = Program(suffix, "suffix64").run(crossing).at(0).toTensor();
      rounding_ = relative_difference(plain_, as_logits(exact, x_.size(0), {}));
    } catch (const std::exception&) {  // float32 is baked in
    }
    return *rounding_;
  }

  const TorchScriptSplit& split_;
  at::Tensor x_, plain_;
  GraphPtr prefix_, suffix_;
  std::optional<double> rounding_;
};

double seconds_of(const Variant& variant, const at::Tensor& x) {
  const NoGradients no_gradients;
  const auto format = !variant.is_channels_last ? at::MemoryFormat::Contiguous
                      : x.dim() == 4            ? at::MemoryFormat::ChannelsLast
                                                : at::MemoryFormat::ChannelsLast3d;
  const auto start = std::chrono::steady_clock::now();
  const auto outputs = variant.program.run({x.contiguous(format)});
  if (x.is_cuda()) outputs.at(0).toTensor().sum().item<double>();  // waits for the device
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Forward and back to the cut.
double seconds_with_gradient(const TorchScriptSplit& split, const at::Tensor& x) {
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor g = split.gradients(*split.run(x), {{.class_index = 0}})[0];
  if (x.is_cuda()) g.sum().item<double>();  // waits for the device
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The changes to a suffix that gradients can pass: batch norms become part of the convolutions before them, and
/// memory may be channels-last. The quickest that agrees is taken, or the one that `options` names.
void choose_suffix(TorchScriptSplit& split, const SplitOptions& options) {
  const at::Tensor x = pseudo_random(options.input_shape, 4711).to(split.device(), split.dtype());
  Agreement agreement(split, x);
  std::vector<Variant> usable;
  for (const char* name : kFolded) {
    if (!options.prefix_variant.empty() && options.prefix_variant != name) continue;
    GraphPtr graph = split.graphs().suffix->copy();
    torch::jit::FoldFrozenConvBatchnorm(graph);
    if (name == std::string("folded_channels_last")) weights_to_channels_last(*graph);
    Variant variant{name, Program(graph, std::string("suffix_") + name), false, HUGE_VAL};
    split.use_suffix(variant.name, variant.program);
    if (agreement.holds()) usable.push_back(std::move(variant));
  }
  for (int round = 0; round < kRounds && usable.size() > 1; ++round) {
    for (Variant& variant : usable) {
      split.use_suffix(variant.name, variant.program);
      const double seconds = seconds_with_gradient(split, x);
      if (round > 0) variant.seconds = std::min(variant.seconds, seconds);
    }
  }
  const auto best = std::min_element(usable.begin(), usable.end(), [](const Variant& p, const Variant& q) {
    return p.seconds < q.seconds;
  });
  if (best == usable.end()) {
    split.use_suffix("unoptimised", Program(split.graphs().suffix, "suffix"));
  } else {
    split.use_suffix(best->name, best->program);
  }
}

std::vector<std::string> candidates(const TorchScriptSplit& split, std::size_t n_dims) {
  std::vector<std::string> names{"frozen"};
  if (n_dims == 4 || n_dims == 5) names.emplace_back("channels_last");
  if (split.device().is_cpu() && split.dtype() == at::kFloat) names.emplace_back("onednn");
  return names;
}

}  // namespace

void choose_prefix(TorchScriptSplit& split, const SplitOptions& options) {
  const std::vector<std::string> names = candidates(split, options.input_shape.size());
  const std::string& wanted = options.prefix_variant;
  if (!wanted.empty() && wanted != "unoptimised" && wanted != kFolded[0] && wanted != kFolded[1] &&
      std::find(names.begin(), names.end(), wanted) == names.end()) {
    throw Error(Error::Kind::kUsage, "there is no prefix variant \"" + wanted + "\" on this device",
                "", fmt::format("use unoptimised, {}", fmt::join(names, ", ")))
        .with_code("unknown_variant");
  }
  if (wanted == "unoptimised" || split.graphs().has_in_place) return;
  const auto nodes = split.graphs().prefix->nodes();
  if (nodes.begin() == nodes.end()) {  // cut at the input: all work is in the suffix
    choose_suffix(split, options);
    return;
  }
  const at::Tensor x = pseudo_random(options.input_shape, 4711).to(split.device(), split.dtype());
  Agreement agreement(split, x);
  const Program plain(split.graphs().prefix, "prefix");
  std::vector<Variant> usable;
  for (const std::string& name : names) {
    if (!wanted.empty() && name != wanted) continue;
    for (const Sums sums : {Sums::kInPlace, Sums::kNewMemory}) {
      Variant variant = make_variant(name, split.graphs().prefix, sums);
      split.use_prefix(name, variant.program, variant.is_channels_last);
      if (!agreement.holds()) continue;
      usable.push_back(std::move(variant));
      break;
    }
  }
  for (int round = 0; round < kRounds && usable.size() > 1; ++round) {
    for (Variant& variant : usable) {
      const double seconds = seconds_of(variant, x);
      if (round > 0) variant.seconds = std::min(variant.seconds, seconds);
    }
  }
  const auto best =
      std::min_element(usable.begin(), usable.end(),
                       [](const Variant& a, const Variant& b) { return a.seconds < b.seconds; });
  if (best == usable.end()) {
    split.use_prefix("unoptimised", plain, false);
  } else {
    split.use_prefix(best->name, best->program, best->is_channels_last);
    split.drop_plain_prefix();
  }
}

}  // namespace rationale::explain::torchscript
