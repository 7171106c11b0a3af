#include "data/image/map_meaning.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rationale {
namespace {

struct Meaning {
  std::string_view method;
  std::string_view words;  ///< * stands for the target
  bool is_in_target_units;
};

constexpr std::string_view kContribution = "Contribution to the *", kSlope = "Slope of the *",
                           kFall = "Fall of the * when covered", kWeighted = "Weighted activation",
                           kChanged = "Changed gradient", kPattern = "Strongest pattern of the activations";

constexpr std::array kMeanings = std::to_array<Meaning>({
    {"output", "Output of the model", true},
    {"target_value", "The *", true},
    {"activation", "Activation", false},
    {"gradient", kSlope, false},
    {"grad_cam_up", "Positive contribution to the *", true},
    {"score_cam_scores", "Rise of the * by what a channel shows", true},
    {"ablation_drop", "Fall of the * without a channel", true},
    {"grad_cam", kContribution, true},
    {"grad_cam_pp", kWeighted, false},
    {"hires_cam", kContribution, true},
    {"layer_cam", "Positive gradient × activation", true},
    {"xgrad_cam", kContribution, true},
    {"eigen_cam", kPattern, false},
    {"eigen_cam_centered", kPattern, false},
    {"score_cam", kWeighted, false},
    {"ablation_cam", kWeighted, false},
    {"layer_ig", kContribution, true},
    {"input_gradient", kSlope, false},
    {"input_x_gradient", kContribution, true},
    {"ig_gauss_legendre", kContribution, true},
    {"ig_trapezoid", kContribution, true},
    {"occlusion_grid", kFall, true},
    {"occlusion_pixel", kFall, true},
    {"occlusion", kFall, true},  // beside every map of a card
    {"guided_backprop", kChanged, false},
    {"deconvolution", kChanged, false},
    {"smooth_grad", kSlope, false},
    {"rise", "Mean * while seen", true},
    {"h_shap", "Shapley value of the *", true},
    {"layer_occlusion", kFall, true},
    {"random_map", "Noise", false},
    {"edge_map", "Edges", false},
});

const Meaning* find(const std::string& method) {
  const std::string name = method.substr(0, method.find('['));
  const auto found = std::ranges::find(kMeanings, std::string_view(name), &Meaning::method);
  return found == kMeanings.end() ? nullptr : &*found;
}

}  // namespace

std::string map_meaning(const std::string& method, const std::string& target) {
  const Meaning* found = find(method);
  if (found == nullptr) return "Value of the map";
  std::string words(found->words);
  if (const std::size_t at = words.find('*'); at != std::string::npos) words.replace(at, 1, target);
  return words;
}

bool is_in_target_units(const std::string& method) {
  const Meaning* found = find(method);
  return found != nullptr && found->is_in_target_units;
}

}  // namespace rationale
