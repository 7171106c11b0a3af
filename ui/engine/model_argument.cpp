#include "ui/engine/model_argument.h"

#include <fmt/format.h>

#include <cmath>

#include "data/arrays/npy.h"
#include "data/base/text.h"
#include "explain/model/prepare_volume.h"
#include "explain/model/torch_environment.h"
#include "ui/engine/enter_sandbox.h"

namespace rationale::ui {

using explain::Target;

std::int64_t ModelArgument::class_index(const std::string& name_or_number) const {
  if (card) return explain::class_index(*card, name_or_number);
  const auto number = parse_integer(name_or_number);
  if (number && *number >= 0) return *number;
  throw Error(
      Error::Kind::kUsage, "there is no class \"" + name_or_number + "\"", given.string(),
      "a TorchScript file knows no class names: give a number, or a model.toml card with `classes`")
      .with_code("unknown_class");
}

std::string ModelArgument::class_name(std::int64_t index) const {
  const bool is_named =
      card && index >= 0 && index < static_cast<std::int64_t>(card->classes.size());
  return is_named ? card->classes[static_cast<std::size_t>(index)] : std::to_string(index);
}

std::string ModelArgument::layer(const std::string& chosen) const {
  if (!chosen.empty() || !card || card->layers.empty()) return chosen;
  return card->layers.front();
}

explain::MethodChoice ModelArgument::method(const std::string& chosen, const explain::SplitModel::Facts& facts) const {
  if (!chosen.empty()) return {chosen, "--method"};
  if (card && !card->method.empty()) return {card->method, "the card names it"};
  return explain::default_method(facts);
}

std::optional<explain::TokenGrid> ModelArgument::grid(const std::string& chosen) const {
  const std::string rule = chosen.empty() && card ? card->reshape : chosen;
  if (rule.empty()) return std::nullopt;
  return explain::parse_token_grid(rule);
}

std::string ModelArgument::output(const std::string& chosen) const {
  return chosen.empty() && card ? card->output_select : chosen;
}

ModelArgument read_model_argument(const std::filesystem::path& path) {
  ModelArgument model{path, path, std::nullopt};
  if (path.extension() == ".toml") {
    model.card = explain::read_card(path);
    model.file = model.card->model_file;
  }
  return model;
}

namespace {

std::vector<double> pixel_mm(const Spacing& spacing, const Affine& input_to_picture) {
  return {spacing.vertical_mm * std::abs(input_to_picture.row_scale),
          spacing.horizontal_mm * std::abs(input_to_picture.col_scale)};
}

/// A film or a volume as the card wants it, [1,C,(D,)H,W].
GivenInput prepared_input(const std::filesystem::path& path, const ModelArgument& model) {
  if (!model.card) {
    throw Error(Error::Kind::kUsage, "a TorchScript file does not say how a film or a series is prepared", path.string(),
                "give a model.toml card, or the prepared input as .npy")
        .with_code("card_needed");
  }
  GivenInput input;
  if (model.card->input_shape.size() == 4) {
    const Volume volume = load_series(path);
    for (const std::string& warning : volume.warnings) fmt::print(stderr, "rationale: note: {}\n", warning);
    explain::Prepared prepared = explain::prepare_volume(volume, *model.card).prepared;
    input = {std::move(prepared.input), static_cast<int>(volume.size())};
    const double slices_each =
        static_cast<double>(volume.size()) / static_cast<double>(model.card->input_shape[1]);
    input.pixel_mm = pixel_mm(volume.geometry.spacing, prepared.input_to_picture);
    input.pixel_mm.insert(input.pixel_mm.begin(), volume.geometry.slice_spacing_mm * slices_each);
  } else {
    const Picture film = load_film(path);
    for (const std::string& warning : film.warnings) fmt::print(stderr, "rationale: note: {}\n", warning);
    explain::Prepared prepared = explain::prepare(film, *model.card);
    input.values = std::move(prepared.input);
    input.pixel_mm = pixel_mm(film.spacing, prepared.input_to_picture);
  }
  input.values.shape.insert(input.values.shape.begin(), 1);
  return input;
}

}  // namespace

FloatArray read_input(const std::filesystem::path& path, const ModelArgument& model) {
  return read_given_input(path, model).values;
}

GivenInput read_given_input(const std::filesystem::path& path, const ModelArgument& model) {
  if (path.extension() != ".npy") return prepared_input(path, model);
  FloatArray input = read_npy_float(path);
  if (input.shape.size() == 3 && model.card && model.card->input_shape.size() == 4) {
    return prepared_input(path, model);
  }
  if (input.shape.size() < 3 || element_count(input.shape) == 0) {
    throw Error(Error::Kind::kInput,
                fmt::format("the input has shape [{}]", fmt::join(input.shape, ", ")),
                path.string(), "give an array [N,C,H,W] or [N,C,D,H,W]")
        .with_code("input_shape");
  }
  const Shape one(input.shape.begin() + 1, input.shape.end());
  if (model.card && one != model.card->input_shape) {
    throw Error(Error::Kind::kInput,
                fmt::format("the input is [{}] an image, the card says [{}]", fmt::join(one, ", "),
                            fmt::join(model.card->input_shape, ", ")),
                path.string(), "prepare the images as the card says")
        .with_code("input_shape");
  }
  return {std::move(input), 0};
}

std::vector<std::int64_t> parse_shape(const std::string& text, const ModelArgument& model) {
  std::vector<std::int64_t> shape;
  if (text.empty() && model.card) {
    shape = model.card->input_shape;
    shape.insert(shape.begin(), 1);
    return shape;
  }
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_integer(trim(part));
    if (!number || *number <= 0) {
      throw Error(Error::Kind::kUsage,
                  text.empty() ? "the input's shape is needed" : "no shape: " + text, "--shape",
                  "give N,C,(D,)H,W such as --shape 1,3,224,224, or a model.toml card")
          .with_code("shape_needed");
    }
    shape.push_back(*number);
  }
  return shape;
}

std::vector<Target> parse_targets(const std::string& kind, const std::vector<std::string>& classes,
                                  const ModelArgument& model) {
  Target pattern;
  const std::size_t colon = kind.find(':');
  const std::string word = kind.substr(0, colon);
  const bool has_other = colon != std::string::npos;
  if (word == "logit") {
    pattern.kind = Target::Kind::kLogit;
  } else if (word == "neg_logit") {
    pattern.kind = Target::Kind::kNegLogit;
  } else if (word == "sigmoid") {
    pattern.kind = Target::Kind::kSigmoid;
  } else if (word == "softmax") {
    pattern.kind = Target::Kind::kSoftmax;
  } else if (word == "logit_diff") {
    pattern.kind = Target::Kind::kLogitDiff;
  }
  const bool is_difference = pattern.kind == Target::Kind::kLogitDiff;
  if (is_difference != has_other || (pattern.kind == Target::Kind::kLogit && word != "logit")) {
    throw Error(Error::Kind::kUsage, "there is no kind \"" + kind + "\"", "--kind",
                "use logit, neg_logit, sigmoid, softmax or logit_diff:OTHER")
        .with_code("unknown_kind");
  }
  if (is_difference) pattern.other = model.class_index(kind.substr(colon + 1));
  std::vector<Target> targets;
  for (const std::string& name : classes) {
    pattern.class_index = model.class_index(name);
    if (model.card && !model.card->references.empty()) {
      pattern.reference = model.card->references[static_cast<std::size_t>(pattern.class_index)];
    }
    targets.push_back(pattern);
  }
  return targets;
}

explain::Mode prepare_engine(const CommonOptions& common, explain::Mode by_default) {
  const explain::Mode mode = common.mode.empty()     ? by_default
                             : common.mode == "fast" ? explain::Mode::kFast
                                                     : explain::Mode::kReproducible;
  if (mode == explain::Mode::kFast) {
    explain::set_threads(common.threads);
  } else {
    explain::set_reproducible_threads(common.threads);
  }
  explain::make_deterministic();
  return mode;
}

}  // namespace rationale::ui
