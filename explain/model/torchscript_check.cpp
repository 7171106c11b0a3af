// What a split is held against when it is made: the model's own forward, and its own slope.
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/torchscript_split.h"

namespace rationale::explain::torchscript {
namespace {

constexpr double kMostDifference = 1e-5;       // suffix(prefix(x)) against forward(x), relative
constexpr double kMostBatchDifference = 1e-4;  // kernels differ a little between batch 1 and 2
constexpr double kMostSlopeDifference = 1e-3;  // finite differences in float64
constexpr std::uint64_t kSeed = 20260;

double relative_difference(const at::Tensor& got, const at::Tensor& wanted) {
  if (got.sizes() != wanted.sizes()) return HUGE_VAL;
  const at::Tensor a = got.to(at::kCPU, at::kDouble), b = wanted.to(at::kCPU, at::kDouble);
  const double scale = std::max(b.abs().max().item<double>(), 1e-12);
  const double difference = (a - b).abs().max().item<double>() / scale;
  return std::isfinite(difference) ? difference : HUGE_VAL;
}

at::Tensor forward(const LoadedModule& loaded, const at::Tensor& x, const std::string& output) {
  const at::NoGradGuard no_graph;
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);
  torch::jit::Module module = loaded.module;
  return select_value(module.forward({x.to(loaded.device, /*non_blocking=*/false, /*copy=*/true)}),
                      output);
}

Error shape_error(const LoadedModule& loaded, const at::Tensor& x,
                  const std::exception& exception) {
  return Error(Error::Kind::kInput,
               fmt::format("the model does not accept an input of shape [{}]: {}",
                           fmt::join(x.sizes(), ", "), short_message(exception)),
               loaded.file.string(), "give it the size and channels that it was made for")
      .with_code("input_shape");
}

Error batch_error(const LoadedModule& loaded, const std::string& detail) {
  return Error(Error::Kind::kRefused,
               "the model gives one image other scores in a batch of two than alone: " + detail,
               loaded.file.string(),
               "tracing may have baked in the batch size; export it with torch.jit.script, or "
               "trace with "
               "x.flatten(1) in place of x.view(1, -1)")
      .with_code("batch_baked_in");
}

struct Reference {
  at::Tensor x;          ///< [2, …]
  at::Tensor both, one;  ///< [2, classes] and [1, classes]
};

/// Weights decide it where one of them is no number; else the input's range may.
Error not_finite_error(const LoadedModule& loaded) {
  std::string bad;
  const auto look = [&](const auto& named) {
    const at::Tensor& tensor = named.value;
    if (bad.empty() && tensor.is_floating_point() && !tensor.isfinite().all().template item<bool>()) bad = named.name;
  };
  for (const auto& named : loaded.module.named_parameters()) look(named);
  for (const auto& named : loaded.module.named_buffers()) look(named);
  if (!bad.empty()) {
    return Error(Error::Kind::kRefused, "the model's weights hold NaN or Inf: " + bad, loaded.file.string(),
                 "no layer can be explained: export the weights again")
        .with_code("not_finite");
  }
  return Error(Error::Kind::kRefused,
               "the model returns NaN or Inf for random input of every range that was tried (about 0, 0 to 1, 0 to 255, "
               "-1000 to 3000)",
               loaded.file.string(),
               "its weights are finite: look for a logarithm, root or division that your own images do not meet either")
      .with_code("not_finite");
}

/// Where random input lies. Some models take logarithms, roots or Hounsfield units.
struct InputRange {
  double scale, offset;
};
constexpr InputRange kRanges[] = {{1, 0}, {0.1, 0.5}, {40, 128}, {500, 1000}};

/// The model's own answers to two random images, together and alone.
Reference ask_model(const LoadedModule& loaded, const SplitOptions& options,
                    const std::string& output) {
  std::vector<std::int64_t> shape = options.input_shape;
  shape[0] = 2;
  const std::string where = loaded.file.string();
  Reference reference;
  for (const InputRange& range : kRanges) {
    reference.x = pseudo_random(shape, kSeed) * range.scale + range.offset;
    const at::Tensor first = reference.x.narrow(0, 0, 1);
    try {
      reference.one = forward(loaded, first, output);
    } catch (const std::exception& exception) {
      try {
        forward(loaded, reference.x, output);
      } catch (const std::exception&) {
        throw shape_error(loaded, first, exception);
      }
      throw batch_error(loaded, "it does not accept one image alone");
    }
    if (reference.one.isfinite().all().item<bool>()) break;
  }
  if (!reference.one.isfinite().all().item<bool>()) {
    throw not_finite_error(loaded);
  }
  reference.one = as_logits(reference.one, 1, where);
  at::Tensor second;
  try {
    reference.both = as_logits(forward(loaded, reference.x, output), 2, where);
    second = as_logits(forward(loaded, reference.x.narrow(0, 1, 1), output), 1, where);
  } catch (const std::exception& exception) {
    throw batch_error(loaded, "a batch of two fails (" + short_message(exception) + ")");
  }
  const double difference = relative_difference(at::cat({reference.one, second}), reference.both);
  if (difference > kMostBatchDifference) {
    throw batch_error(loaded, fmt::format("relative difference {:.2g}", difference));
  }
  return reference;
}

/// f(A) = sum of weighted logits, its slope along d by autograd and by central differences.
struct Slopes {
  double by_graph = 0, by_difference = 0, scale = 0;
};

Slopes slopes_along(const Program& suffix, bool clones, const at::Tensor& a, const at::Tensor& d,
                    const std::vector<IValue>& sides, double step) {
  const auto f = [&](const at::Tensor& activation) {
    std::vector<IValue> inputs{clones ? activation.clone() : activation};
    for (const IValue& side : sides) inputs.push_back(clones ? clone_tensors(side) : side);
    const at::Tensor y = suffix.run(std::move(inputs)).at(0).toTensor().flatten();
    return (y * pseudo_random({y.numel()}, kSeed + 3).to(y.device(), y.scalar_type())).sum();
  };
  Slopes slopes;
  {
    const at::AutoGradMode with_graph(true);
    const at::Tensor leaf = a.detach().requires_grad_(true);
    const at::Tensor value = f(leaf);
    at::Tensor g = at::zeros_like(a);
    if (value.requires_grad()) {
      const at::Tensor found = torch::autograd::grad({value}, {leaf}, {}, false, false, true)[0];
      if (found.defined()) g = found;
    }
    slopes.by_graph = (g * d).sum().item<double>();
    slopes.scale = g.norm().item<double>() * d.norm().item<double>() /
                   std::sqrt(static_cast<double>(std::max<std::int64_t>(1, d.numel())));
  }
  const at::NoGradGuard no_graph;
  slopes.by_difference = (f(a + step * d) - f(a - step * d)).item<double>() / (2 * step);
  slopes.scale = std::max(slopes.scale, std::abs(slopes.by_difference));
  return slopes;
}

bool agree(const Slopes& slopes, double tolerance) {
  if (!std::isfinite(slopes.by_difference) || !std::isfinite(slopes.by_graph)) return false;
  return std::abs(slopes.by_graph - slopes.by_difference) <= tolerance * slopes.scale + 1e-12;
}

/// At a point beside the activation, because ReLU and max-pool have kinks right at a ReLU's output.
void check_slope(const TorchScriptSplit& split, const SplitRun& run, const std::string& where) {
  const at::Tensor a = run.activation.to(at::kDouble);
  const double spread = std::max(a.std(false).item<double>(), 1e-3);
  const auto noise = [&](std::uint64_t seed) {
    return pseudo_random(a.sizes().vec(), seed).to(a.device(), at::kDouble) * spread;
  };
  bool is_good = false;
  Slopes slopes;
  const auto attempt = [&](const at::Tensor& point, const at::Tensor& along, double step) {
    if (is_good) return;
    try {
      const GraphPtr graph = split.graphs().suffix->copy();
      make_double(*graph);
      std::vector<IValue> sides;
      for (const IValue& side : run.sides) {
        sides.push_back(map_tensors(side, [](const at::Tensor& tensor) {
          return tensor.is_floating_point() ? tensor.to(at::kDouble) : tensor;
        }));
      }
      slopes = slopes_along(Program(graph, "suffix64"), split.graphs().has_in_place, point, along,
                            sides, step);
      is_good = agree(slopes, kMostSlopeDifference);
    } catch (const std::exception&) {  // baked-in float32: larger steps, looser bound
      slopes = slopes_along(Program(split.graphs().suffix, "suffix"), split.graphs().has_in_place,
                            point.to(split.dtype()), along.to(split.dtype()), run.sides, 1e-2);
      is_good = agree(slopes, 0.1);
    }
  };
  // Several steps: in a deep network of ReLUs even a small one crosses kinks, and where a slope is
  // tiny (a layer scale of 1e-6) a small one drowns in rounding.
  attempt(a + 0.05 * noise(kSeed + 1), noise(kSeed + 2), 1e-6);
  attempt(a + 0.05 * noise(kSeed + 4), noise(kSeed + 5), 1e-7);
  attempt(a * (1 + 0.01 * noise(kSeed + 1).sign()), a * 0.5, 1e-7);  // stays positive where a is
  attempt(a + 0.05 * noise(kSeed + 4), noise(kSeed + 5), 1e-8);
  attempt(a + 0.05 * noise(kSeed + 1), noise(kSeed + 2), 1e-4);
  attempt(a + 0.05 * noise(kSeed + 4), noise(kSeed + 5), 1e-9);
  if (is_good) return;
  throw Error(
      Error::Kind::kRefused,
      fmt::format("the gradient at layer \"{}\" is not the slope of the output: {:.6g} against "
                  "{:.6g} by finite differences",
                  split.facts().layer, slopes.by_graph, slopes.by_difference),
      where,
      "the model stops gradients behind this layer (detach, no_grad, rounding); choose a later one")
      .with_code("gradient_stopped");
}

std::optional<SideKind> side_kind(const IValue& one, const IValue& two) {
  if (one.isInt() && two.isInt()) {
    if (one.toInt() == two.toInt()) return SideKind::kFixed;
    if (2 * one.toInt() == two.toInt()) return SideKind::kMultiply;
    return std::nullopt;
  }
  if (one.isTensor() && two.isTensor()) {
    const at::Tensor a = one.toTensor(), b = two.toTensor();
    if (!a.defined() || !b.defined()) return SideKind::kFixed;
    if (a.dim() != b.dim()) return std::nullopt;
    if (a.sizes() == b.sizes()) {
      return a.equal(b) ? std::optional(SideKind::kFixed) : std::nullopt;
    }
    if (2 * a.size(0) == b.size(0) && a.sizes().slice(1) == b.sizes().slice(1))
      return SideKind::kTile;
    return std::nullopt;
  }
  if (one.isTensorList() && two.isTensorList()) {
    const auto a = one.toTensorVector(), b = two.toTensorVector();
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (side_kind(a[i], b[i]) != SideKind::kTile) return std::nullopt;
    }
    return a.size() == b.size() ? std::optional(SideKind::kTile) : std::nullopt;
  }
  if (one.isNone() || one.isBool() || one.isDouble() || one.isString() || one.isDevice()) {
    return one == two ? std::optional(SideKind::kFixed) : std::nullopt;
  }
  return std::nullopt;
}

/// How each side grows from one image to two; nothing if one of them follows no rule.
std::optional<std::vector<SideKind>> side_kinds(const SplitRun& one, const SplitRun& two) {
  std::vector<SideKind> kinds;
  for (std::size_t i = 0; i < one.sides.size(); ++i) {
    const auto kind = side_kind(one.sides[i], two.sides[i]);
    if (!kind) return std::nullopt;
    kinds.push_back(*kind);
  }
  return kinds;
}

/// The classes that stay what they are to the last bit when the layer's output becomes something else, twice.
std::vector<std::int64_t> unreached_classes(const TorchScriptSplit& split, const SplitRun& run) {
  const at::Tensor& a = run.activation;
  const double spread = std::max(a.std(false).item<double>(), 1e-3);
  at::Tensor is_same = at::ones_like(run.logits[0], at::kBool);
  for (const double size : {1.0, 30.0}) {
    const at::Tensor other = a + pseudo_random(a.sizes().vec(), kSeed + 11).to(a.device(), a.scalar_type()) * (size * spread);
    is_same = is_same.logical_and(split.suffix(run, other)[0].eq(run.logits[0]));
  }
  std::vector<std::int64_t> classes;
  for (std::int64_t k = 0; k < is_same.numel(); ++k) {
    if (is_same[k].item<bool>()) classes.push_back(k);
  }
  return classes;
}

}  // namespace

at::Tensor select_value(const IValue& value, const std::string& selector) {
  if (selector.empty()) {
    if (value.isTensor()) return value.toTensor();
    throw Error(Error::Kind::kRefused, "the model's output is no tensor");
  }
  const auto matches = [&](const std::string& name,
                           const IValue& part) -> std::optional<at::Tensor> {
    if (selector == name) return select_value(part, "");
    if (selector.rfind(name + ".", 0) == 0)
      return select_value(part, selector.substr(name.size() + 1));
    return std::nullopt;
  };
  if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) {
      const std::string name =
          item.key().isString() ? item.key().toStringRef() : std::to_string(item.key().toInt());
      if (auto found = matches(name, item.value())) return *found;
    }
  }
  if (value.isTuple()) {
    const auto type = value.type()->cast<c10::TupleType>();
    const auto& elements = value.toTupleRef().elements();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (auto found = matches(std::to_string(i), elements[i])) return *found;
      if (type && type->schema()) {
        if (auto found = matches(type->schema()->arguments()[i].name(), elements[i])) return *found;
      }
    }
  }
  if (value.isList()) {
    const auto elements = value.toListRef();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (auto found = matches(std::to_string(i), elements[i])) return *found;
    }
  }
  throw Error(Error::Kind::kRefused, "the model did not return the output \"" + selector + "\"");
}

std::optional<Error> whole_problem(const LoadedModule& loaded, const std::vector<std::int64_t>& input_shape,
                                   const std::string& output) {
  SplitOptions options;
  options.input_shape = input_shape;
  try {
    ask_model(loaded, options, output);
  } catch (const Error& error) {
    if (error.kind != Error::Kind::kRefused) throw;
    return error;
  }
  return std::nullopt;
}

void check_split(TorchScriptSplit& split, const LoadedModule& loaded, const SplitOptions& options) {
  const std::string where = loaded.file.string();
  const Reference reference = ask_model(loaded, options, split.facts().output);
  const double allowed =
      split.dtype() == at::kDouble || split.device().is_cuda() ? 1e-4 : kMostDifference;
  std::shared_ptr<SplitRun> one, two;
  try {
    one = split.run(reference.x.narrow(0, 0, 1));
    two = split.run(reference.x);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the model cannot be cut at layer \"{}\": {}", split.facts().layer,
                            short_message(exception)),
                where, "choose another layer; `rationale layers` lists those that work")
        .with_code("cannot_split");
  }
  if (!one->activation.is_floating_point()) {
    throw Error(Error::Kind::kRefused,
                "layer \"" + split.facts().layer + "\" returns whole numbers", where,
                "choose another layer; `rationale layers` lists those that work")
        .with_code("cannot_split");
  }
  const double difference = std::max(relative_difference(one->logits, reference.one),
                                     relative_difference(two->logits, reference.both));
  split.mutable_facts().self_check = difference;
  if (difference > allowed) {
    throw Error(
        Error::Kind::kRefused,
        fmt::format("cut at layer \"{}\" the model gives other scores than whole: relative "
                    "difference {:.2g}",
                    split.facts().layer, difference),
        where,
        "the model changes values in place or keeps state in a way that cannot be cut here; choose "
        "another layer")
        .with_code("self_check");
  }
  split.gradient_by_autograd(*one, at::ones_like(one->logits));  // refuses if there is none
  // Guided backpropagation and the like are no slopes, on purpose.
  if (options.relu_rule == ReluRule::kTrue) check_slope(split, *one, where);
  if (const auto head = closed_form_head(*split.graphs().suffix, one->activation.dim())) {
    const at::Tensor slopes = pseudo_random(two->logits.sizes().vec(), kSeed + 7)
                                  .to(two->logits.device(), two->logits.scalar_type());
    const at::Tensor by_graph = split.gradient_by_autograd(*two, slopes);
    if (relative_difference(head->gradients(two->activation, {slopes}).front(), by_graph) <= kMostDifference) {
      split.use_head(head);
    }
  }
  split.mutable_facts().unreached = unreached_classes(split, *one);
  split.use_sides(side_kinds(*one, *two));
  if (!one->sides.empty()) {
    const at::Tensor twice = at::cat({one->activation, one->activation});
    try {
      const at::Tensor rows = split.suffix(*one, twice);
      if (relative_difference(rows, at::cat({one->logits, one->logits})) > kMostBatchDifference) {
        split.use_sides(std::nullopt);
      }
    } catch (const std::exception&) {
      split.use_sides(std::nullopt);
    }
  }
}

}  // namespace rationale::explain::torchscript
