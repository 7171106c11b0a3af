#include "ui/engine/explain_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "data/base/error.h"
#include "data/base/version.h"
#include "explain/methods/maps.h"
#include "explain/model/receptive_field.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/precision.h"
#include "explain/pipeline/prefix_choice.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;

constexpr std::uintmax_t kSmallFile = 2 << 20;  // half a million weights

std::string name_of(Activation activation) {
  return activation == Activation::kNone      ? "none"
         : activation == Activation::kSigmoid ? "sigmoid"
                                              : "softmax";
}

bool is_fast(const CommonOptions& common) { return common.mode != "reproducible"; }

/// As it stands in the store: what the same name would give other maps with is part of it.
std::string method_in_full(const NetworkRequest& request, const FittedNetwork& network) {
  std::string name = network.method;
  if (const Shape& cells = network.explainer->cells(); !cells.empty()) {
    const bool is_sum = find_method(network.method).channels == Channels::kSum;
    name += fmt::format("[{}:{}]", is_sum ? "sum" : "mean", fmt::join(cells, "x"));
  }
  if (network.explainer->has_grid()) name += "[" + request.reshape + "]";
  if (find_method(network.method).is_random && request.common.seed != 1) name += fmt::format("[seed:{}]", request.common.seed);
  return name;
}

std::unique_ptr<SplitModel> load_model(const ModelCard& card, SplitOptions options, int threads) {
  PrefixQuestion question{.model_sha256 = card.model_sha256,
                          .layer = options.layer,
                          .call = options.call.value_or(-1),
                          .input_shape = {options.input_shape.begin(), options.input_shape.end()},
                          .device = means_cuda(options.device) ? "cuda" : "cpu",
                          .torch_version = torch_version(),
                          .threads = threads};
  const bool is_to_choose = options.mode == Mode::kFast && options.prefix_variant.empty();
  if (is_to_choose) options.prefix_variant = remembered_prefix(prefix_folder(), question);
  auto model = load_split_model(card.model_file, options);
  if (is_to_choose && options.prefix_variant.empty()) {
    const std::string own = model->facts().prefix_variant;
    options.prefix_variant = remember_prefix(prefix_folder(), question, own);
    if (options.prefix_variant != own) model = load_split_model(card.model_file, options);
  }
  return model;
}

/// Of the layer that the network was cut at.
ReceptiveField field_of(const ModelCard& card, SplitOptions options, const SplitModel::Facts& facts) {
  options.layer = facts.layer;
  options.call = facts.call;
  options.output = facts.output;
  options.input_shape[0] = 1;
  options.device = "cpu";
  return receptive_field(card.model_file, options);
}

}  // namespace

std::string name_of(OutputKind kind) {
  return kind == OutputKind::kLogits          ? "logits"
         : kind == OutputKind::kProbabilities ? "probabilities"
                                              : "regression";
}

std::string chosen_method(const ModelCard& card, const std::string& chosen) {
  const std::string name = chosen.empty() ? card.method : chosen;
  if (name.empty()) return name;
  if (find_method(name).use == Use::kQuantity) {
    throw Error(Error::Kind::kRefused, fmt::format("the method {} gives numbers, not a map of places", name),
                chosen.empty() ? card.name : "--method",
                name == "occlusion_grid" ? "use occlusion_pixel" : "use grad_cam or hires_cam")
        .with_code("no_maps");
  }
  return name;
}

std::string chosen_layer(const ModelCard& card, const std::string& chosen, const std::string& method) {
  if (!chosen.empty()) return chosen;
  if (!method.empty() && find_method(method).level == Level::kInput) return kInputLayer;
  if (!card.layers.empty()) return card.layers.front();
  std::vector<std::int64_t> shape = card.input_shape;
  shape.insert(shape.begin(), 1);
  return default_layer(card.model_file, shape, card.output_select).name;
}

int default_batch(const std::string& device) { return means_cuda(device) ? 16 : 1; }

FittedNetwork load_network(const ModelCard& card, const NetworkRequest& request) {
  SplitOptions split;
  split.layer = request.layer;
  split.output = card.output_select;
  split.mode = is_fast(request.common) ? Mode::kFast : Mode::kReproducible;
  split.prefix_variant = request.prefix_variant;
  if (request.precision != "float32") {
    if (split.mode != Mode::kFast) {
      throw Error(Error::Kind::kUsage, "reproducible mode runs in float32", "--precision " + request.precision,
                  "leave --mode reproducible away, or --precision")
          .with_code("precision_mode");
    }
    split.prefix_variant = request.precision;
  }
  if (request.call >= 0) split.call = request.call;
  split = split_for(request.method.empty() ? "hires_cam" : request.method, split);  // every default is cut alike
  std::optional<TokenGrid> grid;
  if (!request.reshape.empty()) grid = parse_token_grid(request.reshape);

  const bool is_cuda = means_cuda(request.common.device);
  const int batch = request.batch > 0 ? request.batch : default_batch(request.common.device);
  const std::string device = request.common.device != "auto" ? request.common.device : is_cuda ? "cuda" : "cpu";
  // A small network's operations are too short to be shared: two threads took five times as long as one. By the file's
  // size and not by the clock, because sums depend on the number of threads.
  std::error_code no_size;
  if (split.mode == Mode::kFast && request.common.threads == 0 && !is_cuda &&
      std::filesystem::file_size(card.model_file, no_size) < kSmallFile) {
    set_threads(1);
  }
  SplitOptions used;
  FittedNetwork fitted = fit_to_memory(batch, device, [&](int films, const std::string& where) {
    SplitOptions options = split;
    options.device = where;
    options.input_shape = card.input_shape;
    options.input_shape.insert(options.input_shape.begin(), films);
    used = options;
    FittedNetwork network;
    network.model = load_model(card, options, request.common.threads);
    network.field = field_of(card, options, network.model->facts());
    network.method = request.method.empty() ? default_method(network.model->facts()).name : request.method;
    network.explainer = std::make_unique<BatchExplainer>(*network.model, network.method, card.classes.size(),
                                                         card.input_shape, films, request.concepts, grid, network.field,
                                                         card.references, request.common.seed);
    return network;
  });
  if (used.prefix_variant == "bfloat16" || used.prefix_variant == "float16") {
    used.prefix_variant = "frozen";
    fitted.prefix_deviation =
        largest_deviation(*fitted.model, *load_split_model(card.model_file, used), card.input_shape);
  }
  return fitted;
}

ExplanationManifest manifest_of(const ModelCard& card, const NetworkRequest& request, const FittedNetwork& network) {
  const SplitModel::Facts& facts = network.model->facts();
  return {.model_name = card.name,
          .model_sha256 = card.model_sha256,
          .card_sha256 = card.card_sha256,
          .classes = card.classes,
          .output_kind = name_of(card.output_kind),
          .activation = name_of(card.activation),
          .thresholds = card.thresholds,
          .references = card.references,
          .layer = facts.layer,
          .call = facts.call,
          .method = method_in_full(request, network),
          .mode = is_fast(request.common) ? "fast" : "reproducible",
          .prefix_variant = facts.prefix_variant,
          .device = network.explainer->device(),
          .torch_version = torch_version(),
          .program_version = version(),
          .concepts_sha256 = {},
          .batch = static_cast<int>(network.explainer->batch()),
          .input_slices = card.input_shape.size() == 4 ? static_cast<int>(card.input_shape[1]) : 0,
          // At the input a cell looks at what the method covers or sums, not at one pixel.
          .receptive_field = facts.layer == kInputLayer ? ReceptiveField{} : network.field};
}

std::size_t decode_workers(const CommonOptions& common) {
  const int processors = common.threads > 0 ? common.threads : static_cast<int>(std::thread::hardware_concurrency());
  return static_cast<std::size_t>(std::clamp(processors / 2, 1, 8));
}

}  // namespace rationale::ui
