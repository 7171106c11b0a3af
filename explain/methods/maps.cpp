#include "explain/methods/maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/methods/display.h"
#include "explain/methods/grad_cam.h"
#include "explain/methods/hires_cam.h"
#include "explain/model/targets.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

using GradientMethod = at::Tensor (*)(const at::Tensor& activations, const at::Tensor& gradients);

GradientMethod gradient_method(const std::string& name) {
  if (name == "gradient")
    return [](const at::Tensor&, const at::Tensor& gradients) { return gradients; };
  if (name == "grad_cam" || name == "grad_cam_up") return &grad_cam;
  if (name == "hires_cam") return &hires_cam;
  return nullptr;
}

/// K results as [N,K,…]; one as it is.
at::Tensor stack_targets(const std::vector<at::Tensor>& results) {
  return results.size() == 1 ? results.front() : at::stack(results, 1);
}

at::Tensor compute(const SplitModel& model, const SplitRun& run, const MapRequest& request) {
  if (request.method == "output") return model.logits(run);
  if (request.method == "activation") return to_places(model.activation(run), request.grid);
  if (request.targets.empty()) {
    throw Error(Error::Kind::kUsage, "which class?", "--class", "name one or more classes")
        .with_code("class_needed");
  }
  std::vector<at::Tensor> results;
  if (request.method == "target_value") {
    for (const Target& target : request.targets)
      results.push_back(target_values(model.logits(run), target));
    return stack_targets(results);
  }
  const GradientMethod method = gradient_method(request.method);
  const at::Tensor activations = to_places(model.activation(run), request.grid);
  for (const at::Tensor& gradient : model.gradients(run, request.targets)) {
    results.push_back(method(activations, to_places(gradient, request.grid)));
  }
  return stack_targets(results);
}

}  // namespace

TokenGrid parse_token_grid(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  const std::vector<std::string> sides = parts.size() == 3 ? split(parts[2], 'x') : parts;
  if (parts.size() == 3 && parts[0] == "tokens" && sides.size() == 2) {
    const long long prefix = parse_integer(parts[1]).value_or(-1);
    const long long rows = parse_integer(sides[0]).value_or(0);
    const long long columns = parse_integer(sides[1]).value_or(0);
    if (prefix >= 0 && rows > 0 && columns > 0) return {prefix, rows, columns};
  }
  throw Error(Error::Kind::kUsage, "\"" + text + "\" is no reshape rule", "--reshape",
              "write tokens:PREFIX:ROWSxCOLS, such as tokens:1:14x14")
      .with_code("bad_reshape");
}

at::Tensor to_places(const at::Tensor& tensor, const std::optional<TokenGrid>& grid) {
  if (!grid) return tensor;
  const std::int64_t n_tokens = grid->prefix + grid->rows * grid->columns;
  if (tensor.dim() != 3 || tensor.size(1) != n_tokens) {
    throw Error(Error::Kind::kInput,
                fmt::format("the layer returns [{}], not [N, {} tokens, C]",
                            fmt::join(tensor.sizes(), ", "), n_tokens),
                "--reshape", "PREFIX + ROWS x COLS must be the number of tokens")
        .with_code("bad_reshape");
  }
  return tensor.narrow(1, grid->prefix, grid->rows * grid->columns)
      .transpose(1, 2)
      .reshape({tensor.size(0), tensor.size(2), grid->rows, grid->columns});
}

const std::vector<std::string>& method_names() {
  static const std::vector<std::string> names = {
      "output", "target_value", "activation", "gradient", "grad_cam", "grad_cam_up", "hires_cam"};
  return names;
}

void check_method(const std::string& name) {
  const auto& names = method_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw Error(Error::Kind::kUsage, "there is no method \"" + name + "\"", "--method",
              fmt::format("use one of {}", fmt::join(names, ", ")))
      .with_code("unknown_method");
}

FloatArray compute_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request) {
  check_method(request.method);
  FloatArray result = to_array(compute(model, run, request));
  if (request.method == "grad_cam_up") {
    const int n_spatial = static_cast<int>(request.input_size.size());
    result = apply_display(std::move(result), n_spatial, {"relu", "up"}, request.input_size);
  }
  const bool is_finite = std::all_of(result.values.begin(), result.values.end(),
                                     [](float value) { return std::isfinite(value); });
  if (!is_finite) {
    throw Error(Error::Kind::kRefused,
                "the method " + request.method + " gives NaN or Inf for this input",
                model.facts().layer, "check the input's range; try another layer or target")
        .with_code("not_finite");
  }
  return result;
}

FloatArray compute_maps(const SplitModel& model, const FloatArray& input,
                        const MapRequest& request) {
  check_method(request.method);
  MapRequest sized = request;
  sized.input_size.assign(input.shape.begin() + 2, input.shape.end());
  return compute_maps(model, *model.run(to_tensor(input)), sized);
}

}  // namespace rationale::explain
