#include "explain/model/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/base/toml.h"
#include "data/image/window.h"
#include "explain/model/token_grid.h"

namespace rationale::explain {
namespace {

using Kind = TomlValue::Kind;

/// One table of the card: hands out its entries by name and refuses the names nobody asked for.
class Section {
 public:
  Section(const TomlValue& table, std::string name, std::string file)
      : table_(table), name_(std::move(name)), file_(std::move(file)) {}

  [[noreturn]] void refuse(int line, const std::string& what,
                           const std::string& remedy = "") const {
    throw Error(Error::Kind::kInput, what, fmt::format("{}:{}", file_, line), remedy)
        .with_code("bad_card");
  }

  /// "input.shape"
  std::string full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }

  const TomlValue* find(const std::string& key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
    return table_.find(key);
  }

  const TomlValue& need(const std::string& key, const std::string& meaning) {
    const TomlValue* value = find(key);
    if (value == nullptr) {
      refuse(table_.line, fmt::format("{} is missing: {}", full(key), meaning),
             "add it; docs/model-card.md lists the keys");
    }
    return *value;
  }

  const TomlValue& expect(const TomlValue& value, const std::string& key, Kind kind) const {
    if (value.kind != kind) {
      refuse(value.line, fmt::format("{} is {}, it should be {}", full(key),
                                     toml_kind_name(value.kind), toml_kind_name(kind)));
    }
    return value;
  }

  double number(const TomlValue& value, const std::string& key) const {
    if (value.kind != Kind::kInteger) expect(value, key, Kind::kFloat);
    return value.number;
  }

  std::string text(const std::string& key, const std::string& otherwise) {
    const TomlValue* value = find(key);
    return value == nullptr ? otherwise : expect(*value, key, Kind::kString).text;
  }

  /// One word of a list. An empty `otherwise` means that the key must be there.
  template <typename T>
  T word(const std::string& key, const std::vector<std::pair<std::string, T>>& words,
         const std::string& otherwise) {
    std::string list;
    for (const auto& [name, meaning] : words) list += (list.empty() ? "" : ", ") + name;
    const TomlValue* value = otherwise.empty() ? &need(key, "one of " + list) : find(key);
    const std::string chosen =
        value == nullptr ? otherwise : expect(*value, key, Kind::kString).text;
    for (const auto& [name, meaning] : words) {
      if (name == chosen) return meaning;
    }
    refuse(value == nullptr ? table_.line : value->line,
           fmt::format("{} = \"{}\" is not known", full(key), chosen), "use one of " + list);
  }

  std::vector<double> numbers(const std::string& key) {
    std::vector<double> result;
    const TomlValue* value = find(key);
    if (value == nullptr) return result;
    for (const TomlValue& item : expect(*value, key, Kind::kArray).items) {
      result.push_back(number(item, key));
    }
    return result;
  }

  /// Texts that are not empty and all different.
  std::vector<std::string> names(const std::string& key) {
    std::vector<std::string> result;
    const TomlValue* value = find(key);
    if (value == nullptr) return result;
    std::set<std::string> seen;
    for (const TomlValue& item : expect(*value, key, Kind::kArray).items) {
      const std::string& name = expect(item, key, Kind::kString).text;
      if (name.empty()) refuse(item.line, full(key) + " has an empty name");
      if (!seen.insert(name).second) {
        refuse(item.line, fmt::format("{} names \"{}\" twice", full(key), name));
      }
      result.push_back(name);
    }
    return result;
  }

  int line_of(const std::string& key) const {
    const TomlValue* value = table_.find(key);
    return value == nullptr ? table_.line : value->line;
  }

  bool has(const std::string& key) const { return table_.find(key) != nullptr; }

  void refuse_unknown_keys() const {
    for (const auto& [key, value] : table_.entries) {
      if (std::ranges::find(known_, key) != known_.end()) continue;
      std::string list;
      for (const std::string& name : near_names(key, known_)) {
        list += (list.empty() ? "" : ", ") + name;
      }
      refuse(value.line, fmt::format("{} is not a key of a model card", full(key)),
             "near names: " + list + "; docs/model-card.md lists all");
    }
  }

 private:
  const TomlValue& table_;
  std::string name_;
  std::string file_;
  std::vector<std::string> known_;
};

/// A missing table is an empty one.
Section subsection(Section& root, const std::string& name, const std::string& file) {
  static const TomlValue kEmpty;
  const TomlValue* table = root.find(name);
  if (table != nullptr) root.expect(*table, name, Kind::kTable);
  return {table == nullptr ? kEmpty : *table, name, file};
}

void read_shape(Section& input, ModelCard& card) {
  const TomlValue& shape =
      input.need("shape", "[channels, rows, columns], or with depth after channels");
  std::int64_t count = 1;
  for (const TomlValue& extent : input.expect(shape, "shape", Kind::kArray).items) {
    input.expect(extent, "shape", Kind::kInteger);
    if (extent.integer < 1 || extent.integer > 100000) {
      input.refuse(extent.line, fmt::format("input.shape has the extent {}", extent.integer),
                   "extents are 1 to 100000");
    }
    card.input_shape.push_back(extent.integer);
    count = std::min(count * extent.integer, std::int64_t{1} << 40);
  }
  if (card.input_shape.size() < 3 || card.input_shape.size() > 4) {
    input.refuse(shape.line, fmt::format("input.shape has {} extents", card.input_shape.size()),
                 "give [C,H,W] or [C,D,H,W], without the batch");
  }
  if (count > std::int64_t{1} << 31) {
    input.refuse(shape.line, "input.shape has more than 2^31 values");
  }
}

void read_pixels(Section& input, ModelCard& card) {
  const TomlValue& value =
      input.need("pixels", "display_u8, display, window:C,W[,FUNCTION] or modality");
  const std::string& text = input.expect(value, "pixels", Kind::kString).text;
  if (text == "display_u8") {
    card.pixels = Pixels::kDisplayU8;
  } else if (text == "display") {
    card.pixels = Pixels::kDisplay;
  } else if (text == "modality") {
    card.pixels = Pixels::kModality;
  } else if (text.starts_with("window:")) {
    card.pixels = Pixels::kWindow;
    WindowChoice choice;
    try {
      choice = parse_window_choice(text.substr(7));
    } catch (const Error&) {
    }
    if (choice.kind != WindowChoice::Kind::kFixed) {
      input.refuse(value.line, fmt::format("input.pixels = \"{}\" is not a window", text),
                   "write window:CENTRE,WIDTH[,LINEAR|LINEAR_EXACT|SIGMOID]");
    }
    card.window = choice.window;
  } else {
    input.refuse(value.line, fmt::format("input.pixels = \"{}\" is not known", text),
                 "use display_u8, display, window:C,W[,FUNCTION] or modality");
  }
}

void read_normalisation(Section& input, ModelCard& card) {
  const std::string text = input.text("normalise", "fixed");
  const int line = input.line_of("normalise");
  if (text == "fixed") {
    card.normalise = Normalise::kFixed;
  } else if (text == "minmax") {
    card.normalise = Normalise::kMinMax;
  } else if (text == "zscore") {
    card.normalise = Normalise::kZScore;
  } else if (text.starts_with("percentile:")) {
    card.normalise = Normalise::kPercentile;
    const std::vector<std::string> parts = split(text.substr(11), ',');
    const auto low = parse_number(parts[0]);
    const auto high = parts.size() == 2 ? parse_number(parts[1]) : std::nullopt;
    if (!low || !high || *low < 0 || *high > 100 || *low >= *high) {
      input.refuse(line, fmt::format("input.normalise = \"{}\" is not possible", text),
                   "write percentile:A,B with 0 <= A < B <= 100");
    }
    card.percentiles = {*low, *high};
  } else {
    input.refuse(line, fmt::format("input.normalise = \"{}\" is not known", text),
                 "use fixed, minmax, zscore or percentile:A,B");
  }

  const bool has_range =
      card.normalise == Normalise::kMinMax || card.normalise == Normalise::kPercentile;
  const auto refuse_unused = [&](const std::string& key) {
    input.refuse(input.line_of(key),
                 fmt::format("input.{} has no meaning with normalise = \"{}\"", key, text),
                 "take it out, or choose another normalise");
  };
  const std::vector<double> range = input.numbers("range");
  if (input.has("range")) {
    if (!has_range) refuse_unused("range");
    if (range.size() != 2 || range[0] >= range[1]) {
      input.refuse(input.line_of("range"), "input.range is not [low, high] with low < high");
    }
    card.range = {range[0], range[1]};
  }
  if (const TomlValue* scale = input.find("scale")) {
    if (card.normalise != Normalise::kFixed) refuse_unused("scale");
    card.scale = input.number(*scale, "scale");
    if (card.scale == 0) input.refuse(scale->line, "input.scale is 0");
  }
  for (const char* key : {"mean", "std"}) {
    const std::vector<double> values = input.numbers(key);
    if (!input.has(key)) continue;
    if (card.normalise == Normalise::kZScore) refuse_unused(key);
    if (values.size() != 1 && static_cast<std::int64_t>(values.size()) != card.input_shape[0]) {
      input.refuse(input.line_of(key),
                   fmt::format("input.{} has {} values, input.shape {} channels", key,
                               values.size(), card.input_shape[0]),
                   "give one value a channel, or one for all");
    }
    if (std::string_view(key) == "std" &&
        !std::ranges::all_of(values, [](double v) { return v > 0; })) {
      input.refuse(input.line_of(key), "input.std has a value that is not above 0");
    }
    (std::string_view(key) == "std" ? card.std : card.mean) = values;
  }
}

void read_input(Section input, ModelCard& card) {
  read_shape(input, card);
  read_pixels(input, card);
  card.invert = input.word<Invert>(
      "invert", {{"never", Invert::kNever}, {"monochrome1", Invert::kMonochrome1}}, "never");
  if (card.invert != Invert::kNever && card.pixels != Pixels::kModality) {
    input.refuse(input.line_of("invert"), "input.invert is for pixels = \"modality\" only",
                 "displayed pixels have the right polarity already: take it out");
  }
  card.fit = input.word<Fit>(
      "fit", {{"stretch", Fit::kStretch}, {"pad", Fit::kPad}, {"crop_center", Fit::kCropCenter}},
      "stretch");
  card.resize = input.word<Resize>("resize",
                                   {{"pil_bilinear_u8", Resize::kPilBilinearU8},
                                    {"pil_bicubic_u8", Resize::kPilBicubicU8},
                                    {"pil_lanczos_u8", Resize::kPilLanczosU8},
                                    {"pil_nearest", Resize::kPilNearest},
                                    {"bilinear_aa", Resize::kBilinearAa},
                                    {"bicubic_aa", Resize::kBicubicAa},
                                    {"bilinear", Resize::kBilinear},
                                    {"area", Resize::kArea},
                                    {"nearest", Resize::kNearest},
                                    {"nearest_floor", Resize::kNearestFloor},
                                    {"none", Resize::kNone}},
                                   "");
  const bool is_8_bit = card.resize == Resize::kPilBilinearU8 || card.resize == Resize::kPilBicubicU8 ||
                        card.resize == Resize::kPilLanczosU8;
  if (is_8_bit && card.pixels != Pixels::kDisplayU8) {
    input.refuse(input.line_of("resize"),
                 fmt::format("input.resize = \"{}\" is for pixels = \"display_u8\" only", input.text("resize", "")),
                 "use bilinear_aa or bicubic_aa, the same filters without rounding");
  }
  read_normalisation(input, card);
  input.refuse_unknown_keys();
}

void read_output(Section output, ModelCard& card) {
  if (const TomlValue* select = output.find("select")) {
    if (select->kind == Kind::kInteger) {
      if (select->integer < 0) output.refuse(select->line, "output.select is negative");
      card.output_select = std::to_string(select->integer);
    } else {
      card.output_select = output.expect(*select, "select", Kind::kString).text;
    }
  }
  card.output_kind = output.word<OutputKind>("kind",
                                             {{"logits", OutputKind::kLogits},
                                              {"probabilities", OutputKind::kProbabilities},
                                              {"regression", OutputKind::kRegression}},
                                             "");
  card.activation = output.word<Activation>("activation",
                                            {{"none", Activation::kNone},
                                             {"sigmoid", Activation::kSigmoid},
                                             {"softmax", Activation::kSoftmax}},
                                            "none");
  if (card.output_kind == OutputKind::kRegression && card.activation != Activation::kNone) {
    output.refuse(output.line_of("activation"), "a regression has no activation here",
                  "take output.activation out");
  }
  output.need("classes", "the names of the outputs, in the network's order");
  card.classes = output.names("classes");
  if (card.classes.empty()) {
    output.refuse(output.line_of("classes"), "output.classes is empty");
  }
  card.thresholds = output.numbers("thresholds");
  if (!card.thresholds.empty() && card.thresholds.size() != card.classes.size()) {
    output.refuse(output.line_of("thresholds"),
                  fmt::format("output.thresholds has {} values for {} classes",
                              card.thresholds.size(), card.classes.size()),
                  "give one a class, or none");
  }
  card.references = output.numbers("reference");
  if (!card.references.empty() && card.output_kind != OutputKind::kRegression) {
    output.refuse(output.line_of("reference"), "output.reference is for kind = \"regression\" only",
                  "a logit is told from 0: take it out");
  }
  if (!card.references.empty() && card.references.size() != card.classes.size()) {
    output.refuse(output.line_of("reference"),
                  fmt::format("output.reference has {} values for {} classes", card.references.size(),
                              card.classes.size()),
                  "give one a class, or none");
  }
  output.refuse_unknown_keys();
}

void read_map_keys(Section& explain, ModelCard& card) {
  card.reshape = explain.text("reshape", "");
  try {
    if (!card.reshape.empty()) parse_token_grid(card.reshape);
  } catch (const Error& error) {
    explain.refuse(explain.line_of("reshape"), error.what(), error.remedy);
  }
  card.scales = explain.numbers("scales");
  if (!card.scales.empty() && card.scales.size() != card.classes.size()) {
    explain.refuse(explain.line_of("scales"),
                   fmt::format("explain.scales has {} values for {} classes", card.scales.size(), card.classes.size()),
                   "give one a class, or none");
  }
  for (const double scale : card.scales) {
    if (!std::isfinite(scale) || scale <= 0) {
      explain.refuse(explain.line_of("scales"), fmt::format("{:g} is no scale", scale), "give numbers above 0");
    }
  }
}

void read_model_file(Section& root, const std::filesystem::path& card_path, ModelCard& card) {
  const TomlValue& file = root.need("file", "the TorchScript file, relative to the card");
  card.model_file = card_path.parent_path() / root.expect(file, "file", Kind::kString).text;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(card.model_file, ignored)) {
    root.refuse(file.line, fmt::format("the model file {} is not there", card.model_file.string()),
                "file names in a card are relative to the card");
  }
  card.model_sha256 = sha256_of_file(card.model_file);
  const std::string stated = lower_case(root.text("sha256", ""));
  if (root.has("sha256") && stated != card.model_sha256) {
    root.refuse(root.line_of("sha256"),
                fmt::format("the model file's SHA-256 is {}, the card says {}", card.model_sha256,
                            stated.empty() ? "nothing" : stated),
                "the model has changed: check the whole card, then put the new sha256 in");
  }
}

}  // namespace

ModelCard read_card(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, std::size_t{1} << 20);
  const std::string file = path.string();
  const TomlValue document = parse_toml(bytes, file);
  Section root(document, "", file);

  ModelCard card;
  card.card_sha256 = sha256_hex(bytes);
  const TomlValue& format = root.need("format", "the version of this format, 1");
  if (root.expect(format, "format", Kind::kInteger).integer != 1) {
    root.refuse(format.line, fmt::format("format = {} is not known here", format.integer),
                "this program reads format 1");
  }
  card.name = root.text("name", path.stem().string());
  if (card.name.empty()) root.refuse(root.line_of("name"), "name is empty");
  Section input = subsection(root, "input", file);
  Section output = subsection(root, "output", file);
  Section explain = subsection(root, "explain", file);
  root.find("file");
  root.find("sha256");
  root.refuse_unknown_keys();
  read_input(std::move(input), card);
  read_output(std::move(output), card);
  card.layers = explain.names("layers");
  card.method = explain.text("method", "");
  read_map_keys(explain, card);
  explain.refuse_unknown_keys();
  read_model_file(root, path, card);
  return card;
}

int find_class(const std::vector<std::string>& classes, const std::string& name_or_index,
               const std::string& model_name) {
  const auto named = std::ranges::find(classes, name_or_index);
  if (named != classes.end()) return static_cast<int>(named - classes.begin());
  const auto index = parse_integer(name_or_index);
  if (index && *index >= 0 && *index < static_cast<long long>(classes.size())) {
    return static_cast<int>(*index);
  }
  std::string list;
  for (const std::string& name : near_names(name_or_index, classes)) {
    list += (list.empty() ? "" : ", ") + name;
  }
  throw Error(
      Error::Kind::kUsage, fmt::format("the model has no class \"{}\"", name_or_index), model_name,
      index ? fmt::format("indices are 0 to {}", classes.size() - 1) : "near names: " + list)
      .with_code("unknown_class");
}

int class_index(const ModelCard& card, const std::string& name_or_index) {
  return find_class(card.classes, name_or_index, card.name);
}

}  // namespace rationale::explain
