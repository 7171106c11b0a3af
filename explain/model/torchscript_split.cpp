#include "explain/model/torchscript_split.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "data/base/error.h"
#include "explain/model/targets.h"

namespace rationale::explain::torchscript {
namespace {

at::MemoryFormat channels_last_of(const at::Tensor& tensor) {
  if (tensor.dim() == 4) return at::MemoryFormat::ChannelsLast;
  if (tensor.dim() == 5) return at::MemoryFormat::ChannelsLast3d;
  return at::MemoryFormat::Contiguous;
}

IValue grow(const IValue& side, SideKind kind, std::int64_t times) {
  if (kind == SideKind::kMultiply) return IValue(side.toInt() * times);
  if (kind == SideKind::kFixed) return side;
  return map_tensors(side, [&](const at::Tensor& tensor) {
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(tensor.dim()), 1);
    repeats[0] = times;
    return tensor.repeat(repeats);
  });
}

}  // namespace

at::Tensor as_logits(const at::Tensor& output, std::int64_t n, const std::string& where) {
  if (output.dim() == 1 && output.size(0) == n) return output.unsqueeze(1);
  bool is_flat = output.dim() >= 2 && output.size(0) == n && output.is_floating_point();
  for (std::int64_t d = 2; d < output.dim(); ++d) is_flat = is_flat && output.size(d) == 1;
  if (!is_flat) {
    throw Error(
        Error::Kind::kRefused,
        fmt::format("the output has shape [{}] for {} image(s): it is no list of class scores",
                    fmt::join(output.sizes(), ", "), n),
        where, "choose another output with --output, or export a wrapper that returns [N, classes]")
        .with_code("not_class_scores");
  }
  return output.flatten(1);
}

TorchScriptSplit::TorchScriptSplit(Cut cut, Facts facts, const LoadedModule& loaded,
                                   at::ScalarType dtype)
    : cut_(std::move(cut)),
      facts_(std::move(facts)),
      device_(loaded.device),
      dtype_(dtype),
      where_(loaded.file.string()),
      functions_(loaded.module._ivalue()->compilation_unit()),
      prefix_(cut_.prefix, "prefix"),
      suffix_(cut_.suffix, "suffix") {
  facts_.n_side_inputs = cut_.n_sides;
  facts_.prefix_variant = "unoptimised";
}

void TorchScriptSplit::use_head(std::optional<ClosedFormHead> head) {
  head_ = std::move(head);
  facts_.has_closed_form_head = head_.has_value();
}

void TorchScriptSplit::use_prefix(const std::string& variant, Program prefix, bool channels_last) {
  facts_.prefix_variant = variant;
  prefix_ = std::move(prefix);
  is_channels_last_ = channels_last;
}

void TorchScriptSplit::use_suffix(const std::string& variant, Program suffix) {
  facts_.prefix_variant = variant;
  suffix_ = std::move(suffix);
}

at::Tensor TorchScriptSplit::run_suffix(const at::Tensor& activation,
                                        const std::vector<IValue>& sides) const {
  std::vector<IValue> inputs;
  inputs.reserve(sides.size() + 1);
  // In-place work must hit a copy: neither the recorded activation nor a leaf.
  inputs.emplace_back(cut_.has_in_place ? activation.clone() : activation);
  for (const IValue& side : sides) inputs.push_back(cut_.has_in_place ? clone_tensors(side) : side);
  const std::vector<IValue> outputs = suffix_.run(std::move(inputs));
  return as_logits(outputs.at(0).toTensor(), activation.size(0), where_);
}

std::vector<IValue> TorchScriptSplit::run_prefix(const at::Tensor& input) const {
  at::Tensor x = input.to(device_, dtype_);
  if (is_channels_last_) x = x.contiguous(channels_last_of(x));
  if (cut_.has_in_place && x.is_same(input)) x = x.clone();  // forward may change its input
  const NoGradients no_gradients;
  std::vector<IValue> outputs;
  try {
    outputs = prefix_.run({x});
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model does not accept an input of shape [{}]: {}",
                            fmt::join(input.sizes(), ", "), short_message(exception)),
                where_, "give it the size and channels that it was made for")
        .with_code("input_shape");
  }
  at::Tensor activation = outputs.at(0).toTensor().detach();
  if (activation.is_alias_of(x)) activation = activation.clone();
  outputs[0] = activation;
  return outputs;
}

std::shared_ptr<SplitRun> TorchScriptSplit::run(const at::Tensor& input) const {
  auto result = std::make_shared<SplitRun>();
  result->input = input;
  {
    const at::NoGradGuard no_graph;
    const std::vector<IValue> outputs = run_prefix(input);
    result->activation = outputs.at(0).toTensor();
    result->sides.assign(outputs.begin() + 1, outputs.end());
    if (head_) result->logits = run_suffix(result->activation, result->sides);
  }
  if (!head_) attach_graph(*result);
  return result;
}

at::Tensor TorchScriptSplit::scores(const at::Tensor& input) const {
  const at::NoGradGuard no_graph;
  const std::vector<IValue> outputs = run_prefix(input);
  return run_suffix(outputs.at(0).toTensor(), {outputs.begin() + 1, outputs.end()});
}

void TorchScriptSplit::attach_graph(SplitRun& run) const {
  const at::AutoGradMode with_graph(true);
  run.leaf = run.activation.detach().requires_grad_(true);
  run.graph_logits = run_suffix(run.leaf, run.sides);
  run.logits = run.graph_logits.detach();
}

at::Tensor TorchScriptSplit::gradient_by_autograd(const SplitRun& run,
                                                  const at::Tensor& slopes) const {
  SplitRun local = run;
  if (!local.graph_logits.defined()) attach_graph(local);
  at::Tensor gradient;
  if (local.graph_logits.requires_grad()) {
    gradient = torch::autograd::grad({local.graph_logits}, {local.leaf}, {slopes},
                                     /*retain_graph=*/true, /*create_graph=*/false,
                                     /*allow_unused=*/true)[0];
  }
  if (!gradient.defined()) {
    throw Error(Error::Kind::kRefused,
                "the output does not depend differentiably on layer \"" + facts_.layer + "\"",
                where_, "choose another layer; `rationale layers` lists those that work")
        .with_code("no_gradient");
  }
  return gradient;
}

std::vector<at::Tensor> TorchScriptSplit::gradients(const SplitRun& run,
                                                    const std::vector<Target>& targets) const {
  std::vector<at::Tensor> slopes;
  for (const Target& target : targets) slopes.push_back(target_slopes(run.logits, target));
  if (head_) {
    const at::NoGradGuard no_graph;
    return head_->gradients(run.activation, slopes);
  }
  std::vector<at::Tensor> result;
  for (const at::Tensor& each : slopes) result.push_back(gradient_by_autograd(run, each));
  return result;
}

std::vector<at::Tensor> TorchScriptSplit::mean_gradients(const SplitRun& run,
                                                         const std::vector<Target>& targets) const {
  if (!head_) return SplitModel::mean_gradients(run, targets);
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> slopes;
  for (const Target& target : targets) slopes.push_back(target_slopes(run.logits, target));
  return head_->mean_gradients(run.activation, slopes);
}

template <typename Call>
std::vector<at::Tensor> TorchScriptSplit::in_blocks(const SplitRun& run, const at::Tensor& activation,
                                                    const Call& call) const {
  const std::int64_t n = run.activation.size(0);
  const std::int64_t m = activation.size(0);
  if (n == 0 || m % n != 0 || activation.sizes().slice(1) != run.activation.sizes().slice(1)) {
    throw Error(Error::Kind::kInternal, "activations of another shape than the run's");
  }
  const at::Tensor a = activation.to(device_, dtype_);
  const std::int64_t times = m / n;
  if (times == 1 || run.sides.empty()) return call(a, run.sides);
  if (side_kinds_) {
    std::vector<IValue> sides;
    for (std::size_t i = 0; i < run.sides.size(); ++i) {
      sides.push_back(grow(run.sides[i], (*side_kinds_)[i], times));
    }
    return call(a, sides);
  }
  std::vector<std::vector<at::Tensor>> blocks;  // [result][block]
  for (std::int64_t b = 0; b < times; ++b) {
    const std::vector<at::Tensor> some = call(a.narrow(0, b * n, n), run.sides);
    blocks.resize(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) blocks[i].push_back(some[i]);
  }
  std::vector<at::Tensor> whole;
  for (const auto& each : blocks) whole.push_back(at::cat(each));
  return whole;
}

at::Tensor TorchScriptSplit::suffix(const SplitRun& run, const at::Tensor& activation) const {
  const at::NoGradGuard no_graph;
  return in_blocks(run, activation,
                   [&](const at::Tensor& a, const std::vector<IValue>& sides) {
                     return std::vector<at::Tensor>{run_suffix(a, sides)};
                   })
      .front();
}

std::vector<at::Tensor> TorchScriptSplit::suffix_gradients(const SplitRun& run,
                                                           const at::Tensor& activation,
                                                           const std::vector<Target>& targets) const {
  for (const Target& target : targets) check_target(target, run.logits.size(1));
  return in_blocks(run, activation, [&](const at::Tensor& a, const std::vector<IValue>& sides) {
    SplitRun there;
    there.activation = a;
    there.sides = sides;
    if (head_) {
      const at::NoGradGuard no_graph;
      there.logits = run_suffix(a, sides);
    } else {
      attach_graph(there);
    }
    return gradients(there, targets);
  });
}

}  // namespace rationale::explain::torchscript
