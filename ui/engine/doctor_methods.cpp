#include "ui/engine/doctor_methods.h"

#include <memory>
#include <optional>

#include "data/base/error.h"
#include "explain/methods/maps.h"
#include "explain/methods/occlusion.h"
#include "explain/model/layer_advice.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "ui/engine/doctor_prefix.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;
using nlohmann::ordered_json;

constexpr double kMostTried = 6;  // in forwards: what costs more is not run just to see

/// A model cut at one place, or why it cannot be.
struct Site {
  std::unique_ptr<SplitModel> own;
  const SplitModel* model = nullptr;
  std::string reason, remedy;
  double back_ms = 0;  ///< forward and back from the logits to the cut
};

Site at_input(const std::filesystem::path& file, const std::string& output, const std::string& device,
              const FloatArray& image, ReluRule rule) {
  Site site;
  SplitOptions options;
  options.layer = kInputLayer;
  options.output = output;
  options.input_shape = image.shape;
  options.device = device;
  options.relu_rule = rule;
  try {
    site.own = load_split_model(file, options);
    site.model = site.own.get();
    const at::Tensor x = to_tensor(image);
    site.back_ms = best_ms([&] { site.model->gradients(*site.model->run(x), {{.class_index = 0}}); });
  } catch (const Error& error) {
    site.model = nullptr;
    site.reason = error.what();
    site.remedy = error.remedy;
  }
  return site;
}

/// What one run of each part takes, and how often the methods run them.
struct Price {
  double forward_ms = 0, suffix_ms = 0, layer_back_ms = 0, input_back_ms = 0;
  double channels = 0, places = 0, windows = 0;

  double of(const std::string& method) const {
    constexpr double kSteps = 50, kMasks = 2000;  // the methods' defaults
    if (method == "random_map" || method == "edge_map") return 0;
    if (method == "output" || method == "target_value" || method == "activation" || method.starts_with("eigen_cam")) {
      return forward_ms;
    }
    if (method.starts_with("score_cam")) return (channels + 1) * forward_ms;
    if (method.starts_with("ablation")) return forward_ms + channels * suffix_ms;
    if (method == "layer_occlusion") return forward_ms + places * suffix_ms;
    if (method == "layer_ig") return forward_ms + kSteps * (layer_back_ms - forward_ms + suffix_ms);
    if (method.starts_with("occlusion")) return windows * forward_ms;
    if (method == "rise") return kMasks * forward_ms;
    if (method == "smooth_grad" || method.starts_with("ig_")) return kSteps * input_back_ms;
    return find_method(method).level == Level::kInput ? input_back_ms : layer_back_ms;
  }
};

Price measure(const SplitModel* at_layer, const Site& input, const FloatArray& image) {
  Price price;
  const at::Tensor x = to_tensor(image);
  const SplitModel* any = at_layer != nullptr ? at_layer : input.model;
  if (any == nullptr) return price;
  price.forward_ms = best_ms([&] { any->scores(x); });
  price.input_back_ms = input.back_ms;
  price.windows = 1;
  for (const std::int64_t n : occlusion_windows({image.shape.begin() + 2, image.shape.end()}, {}).count) {
    price.windows *= static_cast<double>(n);
  }
  if (at_layer == nullptr) return price;
  const auto run = at_layer->run(x);
  const at::Tensor a = at_layer->activation(*run);
  price.suffix_ms = best_ms([&] { at_layer->suffix(*run, a); });
  price.layer_back_ms = best_ms([&] { at_layer->gradients(*at_layer->run(x), {{.class_index = 0}}); });
  const bool is_tokens = a.dim() == 3;
  price.channels = static_cast<double>(is_tokens ? a.size(2) : a.size(1));
  price.places = static_cast<double>(a.numel()) / price.channels;
  return price;
}

std::optional<TokenGrid> grid_of(const SplitModel* model, const at::Tensor& x) {
  if (model == nullptr) return std::nullopt;
  const at::Tensor a = model->activation(*model->run(x));
  const std::string text = likely_grid(a.sizes().vec(), x.sizes().slice(2).vec());
  return text.empty() ? std::nullopt : std::optional(parse_token_grid(text));
}

}  // namespace

ordered_json judge_methods(const std::filesystem::path& file, const SplitModel* at_layer, const std::string& refusal,
                           const std::string& output, const std::string& device, const FloatArray& image) {
  const at::Tensor x = to_tensor(image);
  const Site layer{nullptr, at_layer, refusal, "`rationale layers` gives the reason for each layer", 0};
  const Site input = at_input(file, output, device, image, ReluRule::kTrue);
  const Site guided = at_input(file, output, device, image, ReluRule::kGuided);  // what it needs, deconvolution needs
  const Price price = measure(at_layer, input, image);
  const auto grid = grid_of(at_layer, x);
  ordered_json rows = ordered_json::array();
  for (const Method& method : methods()) {
    const bool is_at_input = method.level == Level::kInput || (method.level == Level::kAny && at_layer == nullptr);
    const Site& site = method.relu_rule != ReluRule::kTrue ? guided : is_at_input ? input : layer;
    const double ms = price.of(method.name);
    const double forwards = price.forward_ms > 0 ? ms / price.forward_ms : 0;
    ordered_json row{{"method", method.name},
                     {"suitable", site.model != nullptr},
                     {"reason", site.model != nullptr ? "" : site.reason},
                     {"remedy", site.model != nullptr ? "" : site.remedy},
                     {"tried", false},
                     {"forwards", forwards},
                     {"ms", ms},
                     {"caution", method.caution}};
    const bool is_deconvolution = method.relu_rule == ReluRule::kDeconvolution;  // the site has the other rule
    if (site.model != nullptr && forwards <= kMostTried && !is_deconvolution) {
      row["tried"] = true;
      try {
        explain_maps(*site.model, *site.model->run(x),
                     {.method = method.name,
                      .targets = {{.class_index = 0}},
                      .grid = &site == &layer ? grid : std::nullopt,
                      .input_size = {}});
      } catch (const Error& error) {
        row["suitable"] = false;
        row["reason"] = error.what();
        row["remedy"] = error.remedy;
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace rationale::ui
