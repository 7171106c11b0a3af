#include "explain/methods/maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/base/error.h"
#include "explain/methods/ablation_cam.h"
#include "explain/methods/baselines.h"
#include "explain/methods/display.h"
#include "explain/methods/eigen_cam.h"
#include "explain/methods/grad_cam.h"
#include "explain/methods/grad_cam_pp.h"
#include "explain/methods/h_shap.h"
#include "explain/methods/hires_cam.h"
#include "explain/methods/integrated_gradients.h"
#include "explain/methods/layer_cam.h"
#include "explain/methods/method_call.h"
#include "explain/methods/occlusion.h"
#include "explain/methods/places.h"
#include "explain/methods/rise.h"
#include "explain/methods/score_cam.h"
#include "explain/methods/smooth_grad.h"
#include "explain/methods/xgrad_cam.h"
#include "explain/model/targets.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

using Tensors = std::vector<at::Tensor>;
using GradientMap = at::Tensor (*)(const at::Tensor& activations, const at::Tensor& gradients);

at::Tensor gradient_itself(const at::Tensor&, const at::Tensor& gradients) { return gradients; }

/// A map from the activation and the gradient of each target.
template <GradientMap map>
Tensors from_gradients(const MethodCall& call) {
  const at::Tensor activations = call.places();
  Tensors maps;
  for (const at::Tensor& gradient : call.model.gradients(call.run, call.request.targets)) {
    maps.push_back(map(activations, to_places(gradient, call.request.grid)));
  }
  return maps;
}

Tensors grad_cam_maps(const MethodCall& call) {
  if (call.request.grid) return from_gradients<grad_cam>(call);
  check_places(call.activation(), call.activation());
  return grad_cams(call.activation(), call.model.mean_gradients(call.run, call.request.targets));
}

Tensors output(const MethodCall& call) { return {call.model.logits(call.run)}; }

Tensors activation(const MethodCall& call) { return {call.places()}; }

Tensors values_of_targets(const MethodCall& call) {
  Tensors values;
  for (const Target& target : call.request.targets) {
    values.push_back(target_values(call.model.logits(call.run), target));
  }
  return values;
}

Tensors grad_cam_up(const MethodCall& call) {
  Tensors maps = grad_cam_maps(call);
  for (at::Tensor& map : maps) map = up_sampled(map.relu(), call.request.input_size);
  return maps;
}

constexpr double kMostEqual = 0.97;  // sigma_2 / sigma_1: above it the first singular vector is not determined

template <Centring centring>
Tensors eigen(const MethodCall& call) {
  const auto [maps, ratio] = eigen_cam(call.places(), centring);
  call.add_fact("sigma2_over_sigma1", {ratio});
  if (ratio.max().item<double>() > kMostEqual) {
    call.result.cautions.emplace_back(
        "two patterns are equally strong (sigma2/sigma1 above 0.97): the map could as well be another");
  }
  return {maps};
}

Tensors input_gradient(const MethodCall& call) {
  return call.model.gradients(call.run, call.request.targets);
}

Tensors input_x_gradient(const MethodCall& call) {
  Tensors maps = input_gradient(call);
  for (at::Tensor& map : maps) map = map * call.activation();
  return maps;
}

template <QuadratureRule rule>
Tensors path_integral(const MethodCall& call) {
  return integrated_gradients(call, rule);
}

Tensors random_numbers(const MethodCall& call) {
  const at::Tensor places = call.places();
  check_places(places, places);
  return {random_map(call.input(), places.sizes().slice(2).vec(), call.request.settings.seed)};
}

Tensors edges(const MethodCall& call) { return {edge_map(call.input())}; }

MethodBody body_of(const std::string& method) {
  static const std::map<std::string, MethodBody> bodies = {
      {"ablation_cam", ablation_cam},
      {"ablation_drop", ablation_drops},
      {"activation", activation},
      {"deconvolution", input_gradient},  // the model's ReLUs follow another rule: method_table.cpp
      {"edge_map", edges},
      {"eigen_cam", eigen<Centring::kNone>},
      {"eigen_cam_centered", eigen<Centring::kColumns>},
      {"grad_cam", grad_cam_maps},
      {"grad_cam_pp", from_gradients<grad_cam_pp>},
      {"grad_cam_up", grad_cam_up},
      {"gradient", from_gradients<gradient_itself>},
      {"guided_backprop", input_gradient},
      {"h_shap", h_shap},
      {"hires_cam", from_gradients<hires_cam>},
      {"ig_gauss_legendre", path_integral<QuadratureRule::kGaussLegendre>},
      {"ig_trapezoid", path_integral<QuadratureRule::kTrapezoid>},
      {"input_gradient", input_gradient},
      {"input_x_gradient", input_x_gradient},
      {"layer_cam", from_gradients<layer_cam>},
      {"layer_ig", layer_integrated_gradients},
      {"layer_occlusion", layer_occlusion},
      {"occlusion_grid", occlusion_grid},
      {"occlusion_pixel", occlusion_pixel},
      {"output", output},
      {"random_map", random_numbers},
      {"rise", rise},
      {"score_cam", score_cam},
      {"score_cam_scores", score_cam_scores},
      {"smooth_grad", smooth_grad},
      {"target_value", values_of_targets},
      {"xgrad_cam", from_gradients<xgrad_cam>},
  };
  return bodies.at(method);
}

/// Whether the array keeps the layer's own layout: nothing of it is a map.
bool is_as_returned(const std::string& method) { return method == "activation" || method == "gradient"; }

/// A map of zeros would say that the class has no evidence; it has some, elsewhere.
void check_reached(const SplitModel::Facts& facts, const Target& target) {
  const auto is_reached = [&](std::int64_t k) {
    return std::find(facts.unreached.begin(), facts.unreached.end(), k) == facts.unreached.end();
  };
  const bool has_two = target.kind == Target::Kind::kLogitDiff;
  if (target.kind == Target::Kind::kSoftmax || is_reached(target.class_index) || (has_two && is_reached(target.other))) {
    return;
  }
  throw Error(Error::Kind::kRefused,
              fmt::format("class {} does not depend on layer \"{}\": it is computed past it", target.class_index,
                          facts.layer),
              "--class", "choose a layer that all classes come through; `rationale layers` lists the layers")
      .with_code("class_not_reached");
}

void check_finite(const FloatArray& maps, const std::string& method, const std::string& layer) {
  if (std::all_of(maps.values.begin(), maps.values.end(), [](float v) { return std::isfinite(v); })) return;
  throw Error(Error::Kind::kRefused, "the method " + method + " gives NaN or Inf for this input", layer,
              "check the input's range; try another layer or target")
      .with_code("not_finite");
}

bool is_all_zero(const FloatArray& maps) {
  return std::all_of(maps.values.begin(), maps.values.end(), [](float v) { return v == 0; });
}

}  // namespace

void MethodCall::add_fact(const std::string& name, const std::vector<at::Tensor>& values) const {
  const at::Tensor all =
      (values.size() == 1 ? values.front() : at::stack(values, 1)).to(at::kCPU, at::kDouble).contiguous();
  const double* first = all.data_ptr<double>();
  result.facts.push_back({name, {all.sizes().vec(), {first, first + all.numel()}}});
}

MapResult explain_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request) {
  const Method& method = find_method(request.method);
  if (method.level == Level::kInput && model.facts().layer != kInputLayer) {
    throw Error(Error::Kind::kUsage,
                "the method " + method.name + " works at the input, not at layer \"" + model.facts().layer + "\"",
                "--method", "use a method of layers, such as hires_cam")
        .with_code("input_method");
  }
  if (method.needs_class && request.targets.empty()) {
    throw Error(Error::Kind::kUsage, "which class?", "--class", "name one or more classes")
        .with_code("class_needed");
  }
  if (method.needs_class) {
    for (const Target& target : request.targets) check_reached(model.facts(), target);
  }
  MapRequest sized = request;
  if (sized.input_size.empty()) sized.input_size = model.input(run).sizes().slice(2).vec();
  MapResult result;
  if (method.level == Level::kLayer && !is_as_returned(method.name)) {
    check_layout(model, run, request.grid);
  }
  if (model.activation(run).dim() > 3) sized.grid.reset();
  if (!method.caution.empty()) result.cautions.push_back(method.caution);
  const Tensors maps = body_of(method.name)({model, run, sized, result});
  result.maps = to_array(maps.size() == 1 ? maps.front() : at::stack(maps, 1));
  check_finite(result.maps, method.name, model.facts().layer);
  if (method.needs_class && is_all_zero(result.maps) && !do_places_reach(model, run, sized.grid)) {
    result.cautions.emplace_back(kOnlyClassToken);
  }
  return result;
}

FloatArray compute_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request) {
  return explain_maps(model, run, request).maps;
}

FloatArray compute_maps(const SplitModel& model, const FloatArray& input,
                        const MapRequest& request) {
  find_method(request.method);
  return compute_maps(model, *model.run(to_tensor(input)), request);
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const Method& method : methods()) names.push_back(method.name);
  return names;
}

}  // namespace rationale::explain
