// The back ends behind the border: TorchScript is the first, and here the only one chosen.
#include "explain/model/split_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/torchscript_half.h"
#include "explain/model/torchscript_randomise.h"
#include "explain/model/torchscript_relu.h"
#include "explain/model/torchscript_split.h"
#include "explain/model/torchscript_values.h"

namespace rationale::explain {
namespace {

using torchscript::Cleaned;
using torchscript::Tap;

void check_shape(const std::vector<std::int64_t>& shape, const std::string& where) {
  const bool is_good = shape.size() >= 2 && std::all_of(shape.begin(), shape.end(),
                                                        [](std::int64_t n) { return n > 0; });
  if (is_good) return;
  throw Error(Error::Kind::kUsage, fmt::format("[{}] is no input shape", fmt::join(shape, ", ")),
              where, "give N,C,(D,)H,W with positive numbers")
      .with_code("input_shape");
}

std::string remedy(const torchscript::LoadedModule& loaded, const std::string& layer,
                   const SplitOptions& options) {
  try {
    const auto rows = layer.starts_with('@')
                          ? torchscript::list_values(loaded, options.input_shape, options.output)
                          : torchscript::list_layers(loaded, options.input_shape, options.output);
    const std::string nearest = torchscript::nearest_layer(rows, layer);
    if (!nearest.empty()) {
      return "try --layer " + nearest + "; `rationale layers " + loaded.file.filename().string() +
             "` lists all";
    }
  } catch (const Error&) {  // the reason for the refusal matters more than the advice
  }
  return "no other layer of this model can be explained either";
}

[[noreturn]] void refuse(const torchscript::LoadedModule& loaded, const std::string& layer,
                         const SplitOptions& options, const std::string& reason) {
  throw Error(Error::Kind::kRefused,
              "the model cannot be cut at layer \"" + layer + "\": " + reason, loaded.file.string(),
              remedy(loaded, layer, options))
      .with_code("cannot_split");
}

Tap choose_tap(const torchscript::LoadedModule& loaded, const Cleaned& cleaned,
               const std::string& layer, const SplitOptions& options) {
  std::vector<Tap> used;
  for (const Tap& tap : cleaned.taps) {
    if (tap.node != nullptr || tap.is_nested) used.push_back(tap);
  }
  if (cleaned.taps.empty()) {
    refuse(loaded, layer, options,
           cleaned.calls.empty()
               ? "forward does not call it"
               : "it returns " + cleaned.calls.front().returns + ", not one tensor");
  }
  if (options.call) {
    for (const Tap& tap : cleaned.taps) {
      if (tap.order == *options.call) return tap;
    }
    throw Error(Error::Kind::kUsage,
                fmt::format("layer \"{}\" has no call {}", layer, *options.call),
                loaded.file.string(),
                fmt::format("it is called {} time(s): use --call 0 … {}", cleaned.taps.size(),
                            cleaned.taps.size() - 1))
        .with_code("unknown_call");
  }
  if (used.empty()) refuse(loaded, layer, options, "the output does not use it");
  if (used.size() > 1) {
    std::vector<std::string> orders;
    for (const Tap& tap : used) orders.push_back(fmt::format("#{}", tap.order));
    throw Error(Error::Kind::kUsage,
                fmt::format("layer \"{}\" is called {} times: {}", layer, used.size(),
                            fmt::join(orders, ", ")),
                loaded.file.string(), "choose one with --call N")
        .with_code("call_needed");
  }
  return used.front();
}

constexpr std::string_view kActivationSuffix = "@activation";

/// The graph with a tap where `layer` says, and that tap.
std::pair<Cleaned, Tap> find_layer(const torchscript::LoadedModule& loaded, const std::string& layer,
                                   const SplitOptions& options) {
  using namespace torchscript;
  if (layer == kInputLayer) {
    Cleaned cleaned = clean(loaded, inline_calls(loaded, &loaded), options.output);
    const Tap tap = mark_input(cleaned);
    return {std::move(cleaned), tap};
  }
  if (layer.starts_with('@')) {
    Cleaned cleaned = clean(loaded, inline_calls(loaded, nullptr), options.output);
    const std::size_t n_values = mark_values(cleaned, loaded).size();
    const auto number = parse_integer(layer.substr(1));
    if (!number || *number < 0 || *number >= static_cast<long long>(n_values)) {
      throw Error(Error::Kind::kUsage, "the model has no value \"" + layer + "\"", loaded.file.string(),
                  fmt::format("values are @0 … @{}: `rationale layers --values` lists them", n_values - 1))
          .with_code("unknown_layer");
    }
    const Tap tap = cleaned.taps[static_cast<std::size_t>(*number)];
    return {std::move(cleaned), tap};
  }
  const bool is_activation = layer.ends_with(kActivationSuffix);
  const std::string name = is_activation ? layer.substr(0, layer.size() - kActivationSuffix.size()) : layer;
  const void* object = loaded.submodule(name)._ivalue().get();
  Cleaned cleaned = clean(loaded, inline_calls(loaded, object), options.output);
  Tap tap = choose_tap(loaded, cleaned, name, options);
  if (is_activation) {
    const auto behind = mark_activation(cleaned, tap);
    if (!behind) {
      refuse(loaded, layer, options,
             "the output of \"" + name + "\" does not go into one activation function");
    }
    tap = *behind;
  }
  return {std::move(cleaned), tap};
}

}  // namespace

at::Tensor SplitModel::suffix_gradient(const SplitRun& run, const at::Tensor& activation,
                                       std::int64_t class_index) const {
  return suffix_gradients(run, activation, {{.class_index = class_index}}).front();
}

std::vector<at::Tensor> SplitModel::mean_gradients(const SplitRun& run, const std::vector<Target>& targets) const {
  std::vector<at::Tensor> means = gradients(run, targets);
  const at::NoGradGuard no_graph;
  for (at::Tensor& gradient : means) gradient = gradient.flatten(2).mean(2);
  return means;
}

std::unique_ptr<torchscript::TorchScriptSplit> torchscript::split_module(
    const LoadedModule& loaded, const std::string& layer, const SplitOptions& options) {
  auto [cleaned, tap] = find_layer(loaded, layer, options);
  const std::string reason = why_not(cleaned, tap);
  if (!reason.empty()) refuse(loaded, layer, options, reason);
  const std::string output = cleaned.output;
  Cut pieces = cut(std::move(cleaned), tap);
  if (options.relu_rule != ReluRule::kTrue) {
    change_relus(*pieces.suffix, options.relu_rule, loaded.file.string());
  }
  for (const GraphPtr& graph : {pieces.prefix, pieces.suffix}) {
    if (!loaded.device.is_cpu()) set_device(*graph, loaded.device);
    if (options.use_double) make_double(*graph);
  }
  SplitModel::Facts facts;
  facts.layer = layer;
  facts.call = tap.order;
  facts.output = output;
  facts.file_sha256 = loaded.sha256;
  auto split = std::make_unique<TorchScriptSplit>(std::move(pieces), facts, loaded,
                                                  options.use_double ? at::kDouble : at::kFloat);
  return split;
}

namespace {

bool has_suitable(const std::vector<LayerRow>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const LayerRow& row) { return row.is_suitable; });
}

/// Of rows of which none is suitable because of the whole model: that reason.
void check_whole(const torchscript::LoadedModule& loaded, const std::vector<LayerRow>& rows,
                 const std::vector<std::int64_t>& input_shape, const std::string& output) {
  if (has_suitable(rows)) return;
  if (const auto problem = torchscript::whole_problem(loaded, input_shape, output)) throw Error(*problem);
}

std::unique_ptr<SplitModel> split_and_check(const torchscript::LoadedModule& loaded,
                                            SplitOptions options) {
  if (options.layer.empty()) {
    const auto rows = loaded.names.empty()
                          ? torchscript::list_values(loaded, options.input_shape, options.output)
                          : torchscript::list_layers(loaded, options.input_shape, options.output);
    check_whole(loaded, rows, options.input_shape, options.output);
    const LayerRow proposed = propose_layer(rows);
    options.layer = proposed.name;
    if (proposed.calls > 1 && !options.call) options.call = proposed.calls - 1;  // the deepest
  }
  const std::string& layer = options.layer;
  auto split = torchscript::split_module(loaded, layer, options);
  // A cut is checked with the model's own weights; noise may leave nothing to check (dead units, flat slopes).
  if (!options.randomised.layers.empty()) return split;
  try {
    torchscript::check_split(*split, loaded, options);
  } catch (Error& error) {
    if (error.kind != Error::Kind::kRefused || error.code == "batch_baked_in" || error.code == "not_finite") throw;
    error.remedy += (error.remedy.empty() ? "" : "; ") + remedy(loaded, layer, options);
    throw;
  }
  if (options.mode == Mode::kFast) {
    if (torchscript::is_half(options.prefix_variant)) {
      torchscript::use_half_prefix(*split, options);
    } else {
      torchscript::choose_prefix(*split, options);
    }
  }
  return split;
}

}  // namespace

std::unique_ptr<SplitModel> load_split_model(const std::filesystem::path& file,
                                             const SplitOptions& options) {
  check_shape(options.input_shape, file.string());
  const torchscript::LoadedModule loaded = torchscript::load_module(file, options.device);
  torchscript::randomise(loaded, options.randomised);
  if (!options.any_output || !options.output.empty()) return split_and_check(loaded, options);
  const std::vector<std::string> names = torchscript::output_names(loaded);
  for (std::size_t i = 0; i < names.size(); ++i) {
    SplitOptions chosen = options;
    chosen.output = names[i];
    try {
      return split_and_check(loaded, chosen);
    } catch (const Error& error) {  // another output may pass through the layer
      if (error.kind != Error::Kind::kRefused || i + 1 == names.size()) throw;
    }
  }
  return split_and_check(loaded, options);
}

std::vector<LayerRow> list_layers(const std::filesystem::path& file,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output) {
  check_shape(input_shape, file.string());
  const torchscript::LoadedModule loaded = torchscript::load_module(file, "cpu");
  if (loaded.names.empty()) return torchscript::list_values(loaded, input_shape, output);
  if (!output.empty()) return torchscript::list_layers(loaded, input_shape, output);
  // Of several outputs any one will do: a layer can be explained if one of them passes through it.
  std::vector<LayerRow> rows;
  for (const std::string& name : torchscript::output_names(loaded)) {
    std::vector<LayerRow> more = torchscript::list_layers(loaded, input_shape, name);
    if (rows.empty()) rows = more;
    for (LayerRow& row : rows) {
      const auto same = std::find_if(more.begin(), more.end(),
                                     [&](const LayerRow& other) { return other.name == row.name; });
      if (same != more.end() && same->is_suitable && !row.is_suitable) row = *same;
    }
  }
  return rows.empty() ? torchscript::list_layers(loaded, input_shape, output) : rows;
}

std::vector<LayerRow> list_values(const std::filesystem::path& file,
                                  const std::vector<std::int64_t>& input_shape,
                                  const std::string& output) {
  check_shape(input_shape, file.string());
  return torchscript::list_values(torchscript::load_module(file, "cpu"), input_shape, output);
}

LayerRow propose_layer(const std::vector<LayerRow>& layers) {
  // What only passes on or shrinks what an earlier layer found is not a layer of its own.
  static const std::set<std::string> passing = {
      "Dropout",           "Dropout2d",         "Dropout3d", "Identity",
      "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AvgPool2d", "AvgPool3d",
      "MaxPool2d",         "MaxPool3d",         "Flatten"};
  const LayerRow *best = nullptr, *best_for_all = nullptr;
  for (const LayerRow& row : layers) {
    if (!row.is_suitable || row.shape.size() < 4 || passing.count(row.kind) != 0) continue;
    best = &row;
    if (row.unreached.empty()) best_for_all = &row;
  }
  const bool is_passed_by = best != best_for_all && best_for_all != nullptr;
  if (best_for_all != nullptr) best = best_for_all;
  if (best == nullptr) {
    std::set<std::string> reasons;  // of layers that have places: one for all is the model's
    for (const LayerRow& row : layers) {
      if (row.shape.size() >= 4 && !row.reason.empty()) reasons.insert(row.reason);
    }
    throw Error(
        Error::Kind::kRefused,
        "no layer with places (more than one position) can be explained" +
            (reasons.size() == 1 ? ": " + *reasons.begin() : std::string()),
        "",
        "`rationale layers MODEL` gives the reason for each; transformer layers need --layer and "
        "--reshape")
        .with_code("no_layer");
  }
  LayerRow chosen = *best;
  chosen.reason = is_passed_by ? "the deepest layer with places that all classes come through"
                               : "the deepest layer that still has places";
  return chosen;
}

LayerRow default_layer(const std::filesystem::path& file, const std::vector<std::int64_t>& input_shape,
                       const std::string& output) {
  const auto rows = list_layers(file, input_shape, output);
  if (!has_suitable(rows)) {
    const torchscript::LoadedModule loaded = torchscript::load_module(file, "cpu");
    check_whole(loaded, rows, input_shape, output.empty() ? torchscript::output_names(loaded).front() : output);
  }
  return propose_layer(rows);
}

}  // namespace rationale::explain
