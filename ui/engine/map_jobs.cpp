#include "ui/engine/map_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/arrays/npy.h"
#include "data/base/text.h"
#include "data/image/map_meaning.h"
#include "explain/methods/display.h"
#include "explain/methods/input_grid.h"
#include "explain/methods/slice_evidence.h"
#include "explain/model/receptive_field.h"
#include "explain/model/tensor_array.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/similarity.h"
#include "explain/torch.h"
#include "ui/engine/measure_json.h"

namespace rationale::ui {
namespace {

constexpr std::size_t kMostSplits = 8;  // kept ready at once; a network may be half a gigabyte

using nlohmann::json;

/// A class as number or name.
std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void read_classes(const json& value, std::vector<std::string>& classes) {
  if (value.is_array()) {
    for (const json& one : value) classes.push_back(text_of(one));
  } else if (!value.is_null()) {
    for (const std::string& one : ::rationale::split(text_of(value), ',')) classes.push_back(one);
  }
}

void read_field(MapJob& job, const std::string& key, const json& value) {
  if (key == "class") return read_classes(value, job.target.classes);
  if (value.is_null()) return;  // as if it were not there
  if (key == "model")
    job.model = value.get<std::string>();
  else if (key == "tensor")
    job.tensor = value.get<std::string>();
  else if (key == "npy")
    job.npy = value.get<std::string>();
  else if (key == "layer")
    job.target.layer = value.get<std::string>();
  else if (key == "call")
    job.target.call = value.get<int>();
  else if (key == "kind")
    job.target.kind = value.get<std::string>();
  else if (key == "output")
    job.target.output = text_of(value);
  else if (key == "reshape")
    job.target.reshape = value.get<std::string>();
  else if (key == "method")
    job.method = value.get<std::string>();
  else if (key == "display")
    job.display = value.get<std::string>();
  else if (key == "sample")
    job.sample = value.get<std::int64_t>();
  else if (key == "steps")
    job.numbers.steps = text_of(value);
  else if (key == "window")
    job.numbers.window = value.get<std::int64_t>();
  else if (key == "stride")
    job.numbers.stride = value.get<std::int64_t>();
  else if (key == "samples")
    job.numbers.samples = value.get<int>();
  else if (key == "channel_group")
    job.numbers.channel_group = value.get<std::int64_t>();
  else if (key == "check_occlusion")
    job.checks_occlusion = value.get<bool>();
  else if (key == "slices")
    job.checks_slices = value.get<bool>();
  else if (key == "seed")
    job.numbers.seed = value.get<std::uint64_t>();
  else
    throw Error(Error::Kind::kInput, "unknown key \"" + key + "\"", "",
                "use model, tensor, layer, call, class, kind, output, reshape, method, display, "
                "npy, sample, slices, check_occlusion, steps, window, stride, samples, channel_group, seed");
}

FloatArray one_sample(const FloatArray& input, std::int64_t sample) {
  if (sample < 0 || sample >= input.shape[0]) {
    throw Error(Error::Kind::kUsage, fmt::format("there is no sample {}", sample), "sample",
                fmt::format("the tensor has {} images, numbered from 0", input.shape[0]));
  }
  const auto size = static_cast<std::ptrdiff_t>(element_count(input.shape) / input.shape[0]);
  FloatArray one{
      input.shape,
      {input.values.begin() + sample * size, input.values.begin() + (sample + 1) * size}};
  one.shape[0] = 1;
  return one;
}

/// Whether the array holds one map for each image and target.
bool are_maps(const FloatArray& maps, const explain::MapRequest& request, int n_spatial) {
  const std::size_t n_axes = static_cast<std::size_t>(n_spatial) + (request.targets.size() > 1 ? 2 : 1);
  return explain::find_method(request.method).needs_class && maps.shape.size() == n_axes && !maps.values.empty();
}

/// The largest value of each map, [[one a class] an image]; 0 or less: no positive evidence. Null: these are no maps.
nlohmann::ordered_json largest_json(const FloatArray& maps, const explain::MapRequest& request, int n_spatial) {
  if (!are_maps(maps, request, n_spatial)) return nullptr;
  const FloatArray largest = explain::largest_values(maps, n_spatial);
  const auto n_classes = static_cast<std::ptrdiff_t>(request.targets.size());
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (auto row = largest.values.begin(); row != largest.values.end(); row += n_classes) {
    rows.push_back(std::vector<float>(row, row + n_classes));
  }
  return rows;
}

/// "parse error at line 1, column 9: …" without the library's own number in brackets.
std::string plain(const std::string& what) {
  const std::size_t end = what.starts_with('[') ? what.find("] ") : std::string::npos;
  return end == std::string::npos ? what : what.substr(end + 2);
}

}  // namespace

MapJob parse_job(MapJob job, const std::string& line, const std::string& where) {
  try {
    const json object = json::parse(line);
    if (!object.is_object()) throw Error(Error::Kind::kInput, "the line is no JSON object");
    for (const auto& [key, value] : object.items()) {
      try {
        read_field(job, key, value);
      } catch (const json::type_error&) {
        throw Error(Error::Kind::kInput, fmt::format("\"{}\" is {}: {}", key, value.type_name(), value.dump()), where,
                    "give a text, a number or true/false, as the option of `rationale heatmap` takes it");
      }
    }
  } catch (const json::exception& exception) {
    throw Error(Error::Kind::kInput, "the line is no JSON: " + plain(exception.what()), where,
                "write one JSON object a line");
  } catch (const Error& error) {
    throw Error(error.kind, error.what(), where, error.remedy);
  }
  return job;
}

explain::MapSettings map_settings(const MethodOptions& options) {
  explain::MapSettings settings;
  settings.window = options.window;
  settings.stride = options.stride;
  settings.samples = options.samples;
  settings.channel_group = options.channel_group;
  settings.seed = options.seed;
  if (options.steps == "auto") {
    settings.adapts_steps = true;
    return settings;
  }
  const auto steps = parse_integer(options.steps);
  if (!steps || *steps < 2 || *steps > 100000) {
    throw Error(Error::Kind::kUsage, "\"" + options.steps + "\" is no number of steps", "--steps",
                "give 2 to 100000, or auto")
        .with_code("bad_steps");
  }
  settings.steps = static_cast<int>(*steps);
  return settings;
}

nlohmann::ordered_json facts_json(const std::vector<explain::MapFact>& facts) {
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  for (const explain::MapFact& fact : facts) {
    const DoubleArray& v = fact.values;
    if (v.shape.size() < 2) {
      result[fact.name] = v.values;
      continue;
    }
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (auto row = v.values.begin(); row != v.values.end(); row += v.shape[1]) {
      rows.push_back(std::vector<double>(row, row + v.shape[1]));
    }
    result[fact.name] = rows;
  }
  return result;
}

const ModelArgument& MapEngine::model(const std::filesystem::path& path) {
  const auto known = models_.find(path.string());
  if (known != models_.end()) return known->second;
  return models_.emplace(path.string(), read_model_argument(path)).first->second;
}

const GivenInput& MapEngine::input(const std::filesystem::path& path, const ModelArgument& model) {
  const std::string key = path.string() + "|" + model.given.string();
  if (key != input_path_) {
    input_ = read_given_input(path, model);
    input_path_ = key;
  }
  return input_;
}

MapEngine::Kept& MapEngine::split(const MapJob& job, const ModelArgument& model,
                                  const Shape& input_shape) {
  const std::string method = job.method.empty() ? "hires_cam" : job.method;  // every default is cut alike
  const bool is_layer_free = explain::find_method(method).level != explain::Level::kLayer;
  explain::SplitOptions options;
  options.layer = is_layer_free ? job.target.layer : model.layer(job.target.layer);
  if (job.target.call >= 0) options.call = job.target.call;
  options.output = model.output(job.target.output);
  options.input_shape = input_shape;
  options.mode = mode_;
  options.device = device_;
  options = explain::split_for(method, options);
  const std::string key = fmt::format(
      "{}|{}|{}|{}|{}|{}|{}", model.given.string(), options.layer, options.call.value_or(-1), options.output,
      options.any_output, static_cast<int>(options.relu_rule), fmt::join(input_shape, ","));
  auto known = splits_.find(key);
  if (known == splits_.end()) {
    auto made = explain::load_split_model(model.file, options);
    if (splits_.size() >= kMostSplits) {
      splits_.erase(std::min_element(
          splits_.begin(), splits_.end(),
          [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; }));
    }
    known = splits_.emplace(key, Kept{std::move(made), nullptr, {}, 0, options, {}}).first;
  }
  known->second.last_use = ++clock_;
  return known->second;
}

/// [[one object a class] an image], with the words beside the numbers; null for pictures and for what are no maps.
nlohmann::ordered_json MapEngine::slices(Kept& kept, const MapJob& job, const explain::MapRequest& request,
                                         const FloatArray& x, const FloatArray& maps,
                                         const std::filesystem::path& file, int series_slices) {
  if (!job.checks_slices || x.shape.size() != 5 || !are_maps(maps, request, 3)) return nullptr;
  if (request.method == "grad_cam_up") return nullptr;  // its slices are the input's, not the layer's
  if (!kept.field) {
    explain::SplitOptions options = kept.options;
    options.layer = kept.split->facts().layer;
    options.call = kept.split->facts().call;
    options.output = kept.split->facts().output;
    kept.field = explain::receptive_field(file, options);
  }
  nlohmann::ordered_json images = nlohmann::ordered_json::array();
  const auto evidence_of_images =
      explain::slice_evidence(*kept.split, explain::to_tensor(x), maps, request.targets, *kept.field);
  for (const auto& of_image : evidence_of_images) {
    nlohmann::ordered_json classes = nlohmann::ordered_json::array();
    for (const explain::SliceEvidence& evidence : of_image) {
      classes.push_back(explain::slice_evidence_json(evidence, job.target.kind, series_slices));
    }
    images.push_back(classes);
  }
  return images;
}

/// [[one a class] an image]: rank correlation of each map with what the target loses when windows are covered.
nlohmann::ordered_json MapEngine::occlusion(const Kept& kept, const explain::MapRequest& request, const FloatArray& x,
                                            const FloatArray& maps) const {
  const explain::Method& method = explain::find_method(request.method);
  if (x.shape.size() != 4 || method.use == explain::Use::kQuantity || !method.needs_class) {
    throw Error(Error::Kind::kUsage, "the check covers windows of pictures, beside a map of a class", "--check-occlusion",
                "leave it out")
        .with_code("no_check");
  }
  const FloatArray folded = explain::folded(maps, method.channels, 2);
  const std::size_t n_classes = request.targets.size();
  nlohmann::ordered_json images = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.shape[0]); ++i) {
    const FloatArray image = explain::image_of(x, i), own = explain::image_of(folded, i);
    nlohmann::ordered_json classes = nlohmann::ordered_json::array();
    for (std::size_t k = 0; k < n_classes; ++k) {
      const FloatArray map = n_classes > 1 ? explain::image_of(own, k) : own;
      const Plane covered = explain::occlusion_check(*kept.split, image, request.targets[k]);
      classes.push_back(as_json(
          explain::spearman(explain::positive_map(map, image, method.zero).values, covered.values)));
    }
    images.push_back(std::move(classes));
  }
  return images;
}

nlohmann::ordered_json MapEngine::run(const MapJob& given) {
  MapJob job = given;
  const auto require = [](const std::filesystem::path& path, const char* option) {
    if (!path.empty()) return;
    throw Error(Error::Kind::kUsage, fmt::format("{} is missing", option), {},
                "`rationale heatmap --help` shows what it takes");
  };
  require(job.model, "MODEL");
  require(job.tensor, "--tensor");
  require(job.npy, "--npy");
  const ModelArgument& model = this->model(job.model);
  if (job.method.empty() && model.card) job.method = model.card->method;
  if (!job.method.empty()) explain::find_method(job.method);
  const GivenInput& batch = input(job.tensor, model);
  const FloatArray x = job.sample ? one_sample(batch.values, *job.sample) : batch.values;

  explain::MapRequest request;
  request.targets = parse_targets(job.target.kind, job.target.classes, model);
  request.grid = model.grid(job.target.reshape);
  request.input_size.assign(x.shape.begin() + 2, x.shape.end());
  request.settings = map_settings(job.numbers);
  std::optional<Progress> progress;
  std::size_t progress_total = 0;  // integrated gradients begin again with more steps
  request.progress = [&](std::size_t done, std::size_t total) {
    if (!progress || total != progress_total) progress.emplace(job.method, total, quiet_);
    progress_total = total;
    progress->update(done);
  };

  Kept& kept = split(job, model, x.shape);
  const explain::MethodChoice choice = model.method(given.method, kept.split->facts());
  request.method = job.method = choice.name;
  const std::string input_name =  // one film by two cards' rules is two inputs; a card has splits of its own
      fmt::format("{}#{}", job.tensor.string(), job.sample.value_or(-1));
  if (!kept.last_run || kept.last_input != input_name) {
    kept.last_run = nullptr;
    kept.last_run = kept.split->run(explain::to_tensor(x));
    kept.last_input = input_name;
  }
  explain::MapResult result = explain::explain_maps(*kept.split, *kept.last_run, request);
  FloatArray& maps = result.maps;
  const bool is_grid = request.grid && kept.split->activation(*kept.last_run).dim() == 3;
  const int n_spatial = is_grid ? 2 : static_cast<int>(request.input_size.size());
  const nlohmann::ordered_json largest = largest_json(maps, request, n_spatial);
  const nlohmann::ordered_json covered =
      job.checks_occlusion ? occlusion(kept, request, x, maps) : nlohmann::ordered_json();
  const nlohmann::ordered_json slices =
      this->slices(kept, job, request, x, maps, model.file, batch.series_slices);
  const std::vector<std::string> steps =
      job.display.empty() ? std::vector<std::string>{} : ::rationale::split(job.display, ',');
  if (job.method == "occlusion_grid" && std::find(steps.begin(), steps.end(), "up") != steps.end()) {
    throw Error(Error::Kind::kUsage, "the windows of occlusion_grid overlap: they are no grid of cells", "--display up",
                "use occlusion_pixel, which is of the input's size")
        .with_code("no_places");
  }
  if (!steps.empty()) maps = explain::apply_display(std::move(maps), n_spatial, steps, request.input_size);
  write_npy(job.npy, maps);

  const explain::SplitModel::Facts& facts = kept.split->facts();
  nlohmann::ordered_json classes = nlohmann::ordered_json::array();
  for (const explain::Target& target : request.targets) classes.push_back(target.class_index);
  nlohmann::ordered_json told{{"npy", job.npy.string()},
                              {"shape", maps.shape},
                              {"method", job.method},
                              {"method_chosen_by", choice.reason},
                              {"layer", facts.layer},
                              {"call", facts.call},
                              {"class", classes},
                              {"kind", job.target.kind},
                              {"meaning", map_meaning(job.method, "target")},
                              {"in_target_units", is_in_target_units(job.method)},
                              {"display", job.display},
                              {"display_scale", explain::display_scale(steps)},
                              {"facts", facts_json(result.facts)},
                              {"cautions", result.cautions},
                              {"model_sha256", facts.file_sha256},
                              {"prefix", facts.prefix_variant},
                              {"closed_form_head", facts.has_closed_form_head},
                              {"self_check", facts.self_check}};
  if (model.card && !model.card->references.empty()) {
    for (const explain::Target& target : request.targets) told["reference"].push_back(target.reference);
  }
  if (!largest.is_null()) told["largest"] = largest;
  if (!covered.is_null()) told["occlusion_spearman"] = covered;
  if (!slices.is_null()) told["slices"] = slices;
  if (kept.field) told["receptive_field"] = receptive_field_json(*kept.field);
  return told;
}

}  // namespace rationale::ui
