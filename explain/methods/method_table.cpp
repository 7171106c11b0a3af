#include "explain/methods/method_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::explain {
namespace {

const char* const kNoClass = "a picture of what stands out in the activations, not evidence for a class";
const char* const kFailsSanity =
    "fails the parameter-randomisation test (Adebayo et al. 2018): for comparison only, no explanation";
const char* const kBaseline = "a baseline to compare with: it does not look at the model";

}  // namespace

const std::vector<Method>& methods() {
  static const std::vector<Method> all = {
      {"output", Level::kAny, false, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, false},
      {"target_value", Level::kAny, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, false},
      {"activation", Level::kLayer, false, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, false},
      {"gradient", Level::kLayer, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, false},
      {"grad_cam_up", Level::kLayer, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, false},
      {"score_cam_scores", Level::kLayer, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, true},
      {"ablation_drop", Level::kLayer, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, true},
      {"grad_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, false},
      {"grad_cam_pp", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, false},
      {"hires_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, false},
      {"layer_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, false},
      {"xgrad_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, false},
      {"eigen_cam", Level::kLayer, false, ReluRule::kTrue, kNoClass, Use::kClassless, Channels::kNone, false},
      {"eigen_cam_centered", Level::kLayer, false, ReluRule::kTrue, kNoClass, Use::kClassless, Channels::kNone, false},
      {"score_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"ablation_cam", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"layer_ig", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"input_gradient", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kLargest, false},
      {"input_x_gradient", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kSum, false},
      {"ig_gauss_legendre", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kSum, true},
      {"ig_trapezoid", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kSum, true},
      {"occlusion_grid", Level::kInput, true, ReluRule::kTrue, "", Use::kQuantity, Channels::kNone, true},
      {"occlusion_pixel", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"guided_backprop", Level::kInput, true, ReluRule::kGuided, kFailsSanity, Use::kComparison, Channels::kLargest, false},
      {"deconvolution", Level::kInput, true, ReluRule::kDeconvolution, kFailsSanity, Use::kComparison, Channels::kLargest, false},
      {"smooth_grad", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kLargest, true, true},
      {"rise", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true, true, Zero::kArbitrary},
      {"h_shap", Level::kInput, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"layer_occlusion", Level::kLayer, true, ReluRule::kTrue, "", Use::kExplanation, Channels::kNone, true},
      {"random_map", Level::kLayer, false, ReluRule::kTrue, kBaseline, Use::kBaseline, Channels::kNone, false, true},
      {"edge_map", Level::kAny, false, ReluRule::kTrue, kBaseline, Use::kBaseline, Channels::kNone, false},
  };
  return all;
}

const Method& find_method(const std::string& name) {
  std::vector<std::string> names;
  for (const Method& method : methods()) {
    if (method.name == name) return method;
    names.push_back(method.name);
  }
  throw Error(Error::Kind::kUsage, "there is no method \"" + name + "\"", "--method",
              fmt::format("did you mean {}? All: {}", fmt::join(near_names(name, names), ", "),
                          fmt::join(names, ", ")))
      .with_code("unknown_method");
}

MethodChoice default_method(const SplitModel::Facts& facts) {
  if (facts.has_closed_form_head) return {"grad_cam", "pooling and one linear layer follow: all methods agree there"};
  return {"hires_cam", "HiResCAM adds up to the score's change where more than pooling and one linear layer follows"};
}

SplitOptions split_for(const std::string& name, SplitOptions options) {
  const Method& method = find_method(name);
  options.relu_rule = method.relu_rule;
  // What depends on no output takes whichever works.
  options.any_output = options.any_output || (!method.needs_class && name != "output");
  if (method.level == Level::kAny && options.layer.empty()) options.layer = kInputLayer;
  if (method.level != Level::kInput) return options;
  if (!options.layer.empty() && options.layer != kInputLayer) {
    throw Error(Error::Kind::kUsage, "the method " + name + " works at the input, not at layer \"" +
                                         options.layer + "\"",
                "--layer", "leave --layer out")
        .with_code("input_method");
  }
  options.layer = kInputLayer;
  options.call.reset();
  return options;
}

}  // namespace rationale::explain
