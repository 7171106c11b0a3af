#include "ui/engine/survey_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "data/cases/cases.h"
#include "data/cases/concepts_csv.h"
#include "data/cases/regions.h"
#include "data/image/window.h"
#include "explain/model/preprocess.h"
#include "explain/quality/even_order.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/map_maker.h"
#include "ui/engine/enter_sandbox.h"

namespace rationale::ui {
namespace {

using explain::Annotation;
using explain::Target;

// Orders of films and of marked findings, apart from other streams of the seed.
constexpr std::uint64_t kFilmPurpose = 0x66696c6d, kFindingPurpose = 0x66696e64;
constexpr std::size_t kMostMarked = 200;  // findings; more make the page slow and no better
constexpr std::size_t kMostTried = 200;   // films looked at for gate and deletion
constexpr double kLowestScore = 0.5;
constexpr std::size_t kMostLayers = 3;

Target::Kind score_of(const explain::ModelCard& card) {
  if (card.output_kind != explain::OutputKind::kLogits) return Target::Kind::kLogit;
  return card.activation == explain::Activation::kSoftmax   ? Target::Kind::kSoftmax
         : card.activation == explain::Activation::kSigmoid ? Target::Kind::kSigmoid
                                                            : Target::Kind::kLogit;
}

/// The proposed layer, then earlier ones that see finer: each with more places than the one before.
std::vector<std::string> proposed_layers(const explain::ModelCard& card, const std::vector<std::int64_t>& shape) {
  const auto rows = explain::list_layers(card.model_file, shape, card.output_select);
  const explain::LayerRow deepest = explain::propose_layer(rows);
  std::vector<std::string> layers{deepest.name};
  std::int64_t places = deepest.shape[2] * deepest.shape[3];
  auto row = std::find_if(rows.rbegin(), rows.rend(), [&](const auto& one) { return one.name == deepest.name; });
  for (; row != rows.rend() && layers.size() < kMostLayers; ++row) {
    if (!row->is_suitable || row->calls != 1 || row->shape.size() != 4) continue;
    if (row->shape[2] * row->shape[3] <= places) continue;
    places = row->shape[2] * row->shape[3];
    layers.push_back(row->name);
  }
  return layers;
}

const std::vector<std::string>& default_methods() {
  static const std::vector<std::string> names{"hires_cam", "grad_cam", "layer_cam"};
  return names;
}

/// A finding that somebody marked, before its film is read.
struct Marked {
  std::size_t listed = 0;  ///< its case
  std::int64_t class_index = 0;
  std::pair<std::string, std::string> key = {};  ///< of boxes: case and label
};

class Reading {
 public:
  Reading(const SurveyOptions& options, std::size_t index, const CommonOptions& common, explain::Mode mode)
      : options_(options), cases_file_(options.cases.at(index)), common_(common) {
    const std::filesystem::path& model = options.models.at(index);
    if (model.extension() != ".toml") {
      throw Error(Error::Kind::kUsage, "a model card is needed", model.string(),
                  "write a model.toml (docs/model-card.md): it says how films become the model's input");
    }
    result_.card = explain::read_card(model);
    if (result_.card.input_shape.size() != 3) {
      throw Error(Error::Kind::kRefused, "the survey shows films, this model reads volumes", model.string(),
                  "measure its maps with `rationale faithfulness`")
          .with_code("volume");
    }
    explain::SurveyRequest& r = result_.request;
    r.model = result_.card.model_file;
    r.classes = result_.card.classes;
    r.score = score_of(result_.card);
    r.split.output = result_.card.output_select;
    r.split.input_shape = result_.card.input_shape;
    r.split.input_shape.insert(r.split.input_shape.begin(), 1);
    r.split.device = common.device;
    r.split.mode = mode;
    r.layers = !options.layers.empty()        ? options.layers
               : !result_.card.layers.empty() ? result_.card.layers
                                              : proposed_layers(result_.card, r.split.input_shape);
    for (const std::string& name : options.methods.empty() ? default_methods() : options.methods) {
      if (explain::find_map_method(name).use != explain::Use::kBaseline) r.methods.push_back(name);
    }
    if (r.methods.empty()) {
      throw Error(Error::Kind::kUsage, "baselines alone say nothing of a model", "--method",
                  "they are always measured; name a method beside them");
    }
    if (const std::string rule = options.reshape.empty() ? result_.card.reshape : options.reshape; !rule.empty()) {
      r.grid = explain::parse_token_grid(rule);
    }
    r.settings.seed = common.seed;
    r.settings.samples = options.samples;
    r.seed = r.resampling.seed = common.seed;
    r.deletion.n_steps = options.steps;
    // As the reference values have it: an eighth of the side, which takes findings away and not only their edges.
    const auto side = std::min(result_.card.input_shape[1], result_.card.input_shape[2]);
    r.deletion.blur_sigma_px = static_cast<double>(side) / 8;
  }

  SurveyInput run() {
    cases_ = select_cases(read_cases(cases_file_, MissingFiles::kKeep), options_.where);
    result_.n_cases = cases_.size();
    for (std::size_t i = 0; i < cases_.size(); ++i) by_name_.emplace(cases_[i].name, i);
    read_boxes();
    if (result_.marks.empty()) read_masks();
    choose_films();
    return std::move(result_);
  }

 private:
  std::filesystem::path beside(const std::filesystem::path& given, const char* name) const {
    if (!given.empty()) return given;
    const std::filesystem::path there = cases_file_.parent_path() / name;
    return std::filesystem::exists(there) ? there : std::filesystem::path();
  }

  std::optional<std::int64_t> class_named(const std::string& label) const {
    const auto& classes = result_.card.classes;
    const auto found = std::find(classes.begin(), classes.end(), label);
    if (found == classes.end()) return std::nullopt;
    return found - classes.begin();
  }

  /// Index in the request, decoded on first use.
  std::size_t use(std::size_t listed) {
    const auto known = used_.find(listed);
    if (known != used_.end()) return known->second;
    const Case& one = cases_[listed];
    check_case_file(one);
    const Picture picture = load_film(one.file);
    explain::Prepared prepared = explain::prepare(picture, result_.card);
    const std::vector<double> shown = display_values(picture);
    result_.films.push_back({{picture.rows, picture.cols, {shown.begin(), shown.end()}},
                             picture.spacing.aspect,
                             prepared.input_to_picture});
    result_.request.cases.push_back({one.name, one.patient, std::move(prepared.input)});
    return used_.emplace(listed, result_.request.cases.size() - 1).first->second;
  }

  /// The same; a film that cannot be read is noted, and does not end the survey.
  std::optional<std::size_t> try_to_use(std::size_t listed) {
    try {
      return use(listed);
    } catch (const Error& error) {
      if (error.kind != Error::Kind::kInput) throw;
      if (unreadable_.insert(listed).second) {
        result_.notes.push_back(fmt::format("Case {} was left out: {}.", cases_[listed].name, error.what()));
      }
      return std::nullopt;
    }
  }

  /// Rectangles of the film as pixels of the input; what was cropped away is lost.
  std::optional<Annotation> annotation_of(const std::vector<Region>& regions, std::size_t case_index) const {
    const Affine to_input = inverse(result_.films[case_index].input_to_picture);
    const int rows = static_cast<int>(result_.card.input_shape[1]),
              cols = static_cast<int>(result_.card.input_shape[2]);
    Annotation annotation;
    for (const Region& region : regions) {
      // Edges lie half a pixel before the centres that the affine maps.
      const Point first = apply(to_input, {region.y - 0.5, region.x - 0.5});
      const Point last = apply(to_input, {region.y + region.h - 0.5, region.x + region.w - 0.5});
      const explain::PixelBox box =
          explain::pixel_box(first.col + 0.5, first.row + 0.5, last.col - first.col, last.row - first.row);
      if (box.row0 < rows && box.col0 < cols && box.row1 > 0 && box.col1 > 0) annotation.boxes.push_back(box);
    }
    if (annotation.boxes.empty()) return std::nullopt;
    annotation.mask = explain::mask_of(annotation.boxes, rows, cols);
    return annotation;
  }

  void read_boxes() {
    const std::filesystem::path file = beside(options_.boxes, "boxes.csv");
    if (file.empty()) return;
    result_.marks = file.filename().string();
    // By case and label, then by annotator; annotators in the order in which the table names them.
    std::vector<std::pair<std::string, std::string>> order;
    std::map<std::pair<std::string, std::string>, std::map<std::string, std::vector<Region>>> marked;
    for (const Region& region : read_regions(file)) {
      const auto key = std::pair(region.case_name, region.label);
      if (marked.find(key) == marked.end()) order.push_back(key);
      marked[key][region.annotator].push_back(region);
      if (std::find(result_.annotators.begin(), result_.annotators.end(), region.annotator) ==
          result_.annotators.end()) {
        result_.annotators.push_back(region.annotator);
      }
    }
    std::size_t n_unknown_case = 0, n_unknown_class = 0, n_outside = 0;
    std::vector<Marked> all;
    for (const auto& key : order) {
      const auto listed = by_name_.find(key.first);
      const auto class_index = key.second.empty() && result_.card.classes.size() == 1 ? 0 : class_named(key.second);
      n_unknown_case += listed == by_name_.end() ? 1U : 0U;
      n_unknown_class += listed != by_name_.end() && !class_index ? 1U : 0U;
      if (listed != by_name_.end() && class_index) all.push_back({listed->second, *class_index, key});
    }
    measure(all, [&](const Marked& one, explain::MarkedFinding& finding) {
      const auto& by_annotator = marked[one.key];
      std::vector<Annotation> by_person;
      for (const std::string& annotator : result_.annotators) {
        const auto regions = by_annotator.find(annotator);
        if (regions == by_annotator.end()) continue;
        if (auto annotation = annotation_of(regions->second, finding.case_index)) by_person.push_back(*annotation);
      }
      if (by_person.empty()) {
        ++n_outside;
        return false;
      }
      finding.annotation = by_person[0];
      if (by_person.size() > 1) finding.second = by_person[1];
      return true;
    });
    note(n_unknown_case, "marked findings are of cases that are not in the table");
    note(n_unknown_class, "marked findings are of classes that the model does not have");
    note(n_outside, "marked findings lie outside what the model sees");
  }

  /// Puts findings into the request, in the order in which they are marked: all, or where they are too many those that
  /// come first in a seeded order with the classes in turn. A table sorted by finding would else lose whole ones.
  /// @param annotate  fills in what people marked; false: nothing that the model sees
  template <typename Annotate>
  void measure(const std::vector<Marked>& all, const Annotate& annotate) {
    std::vector<std::int64_t> classes;
    for (const Marked& one : all) classes.push_back(one.class_index);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (all.size() > kMostMarked) order = explain::even_order(classes, common_.seed, kFindingPurpose);
    std::map<std::size_t, explain::MarkedFinding> taken;
    std::size_t n_tried = 0;
    for (const std::size_t at : order) {
      if (taken.size() >= kMostMarked) break;
      ++n_tried;
      const auto case_index = try_to_use(all[at].listed);
      if (!case_index) continue;
      explain::MarkedFinding finding{*case_index, all[at].class_index, {}, {}};
      if (annotate(all[at], finding)) taken.emplace(at, std::move(finding));
    }
    for (auto& [at, finding] : taken) result_.request.findings.push_back(std::move(finding));
    result_.n_left_out = all.size() - n_tried;
    if (result_.n_left_out == 0) return;
    result_.notes.push_back(fmt::format("{} of {} marked findings were not measured: at most {} are, drawn by the seed "
                                        "with the classes in turn.",
                                        result_.n_left_out, all.size(), kMostMarked));
  }

  void note(std::size_t n, const std::string& what) {
    if (n > 0) result_.notes.push_back(fmt::format("{} {}.", n, what));
  }

  void read_masks() {
    const std::filesystem::path folder = beside(options_.masks, "masks");
    if (folder.empty()) return;
    result_.marks = "masks";
    const auto file_of = [&](const Marked& one) {
      const std::string& class_name = result_.card.classes[static_cast<std::size_t>(one.class_index)];
      return folder / fmt::format("{}_{}.png", cases_[one.listed].name, class_name);
    };
    std::vector<Marked> all;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      for (std::size_t k = 0; k < result_.card.classes.size(); ++k) {
        const Marked one{i, static_cast<std::int64_t>(k)};
        if (std::filesystem::exists(file_of(one))) all.push_back(one);
      }
    }
    measure(all, [&](const Marked& one, explain::MarkedFinding& finding) {
      auto annotation = mask_in(file_of(one), finding.case_index);
      if (!annotation) return false;
      finding.annotation = std::move(*annotation);
      return true;
    });
  }

  std::optional<Annotation> mask_in(const std::filesystem::path& file, std::size_t case_index) const {
    const Picture picture = load_film(file);
    const SurveyFilm& film = result_.films[case_index];
    if (picture.rows != film.shown.rows || picture.cols != film.shown.cols) {
      throw Error(Error::Kind::kInput,
                  fmt::format("the mask has {} x {} pixels, its film {} x {}", picture.rows, picture.cols,
                              film.shown.rows, film.shown.cols),
                  file.string(), "draw masks at the film's size");
    }
    Annotation annotation;
    const int rows = static_cast<int>(result_.card.input_shape[1]),
              cols = static_cast<int>(result_.card.input_shape[2]);
    bool has_pixel = false;
    for (int row = 0; row < rows; ++row) {
      for (int col = 0; col < cols; ++col) {
        const Point at = apply(film.input_to_picture, {static_cast<double>(row), static_cast<double>(col)});
        const auto r = std::lround(at.row), c = std::lround(at.col);
        const bool is_inside = r >= 0 && c >= 0 && r < picture.rows && c < picture.cols &&
                               picture.stored[static_cast<std::size_t>(r * picture.cols + c)] != 0;
        annotation.mask.push_back(is_inside ? 1 : 0);
        has_pixel = has_pixel || is_inside;
      }
    }
    if (!has_pixel) return std::nullopt;
    annotation.boxes = {explain::bounding_box(annotation.mask, cols)};
    return annotation;
  }

  void choose_films() {
    explain::SurveyRequest& r = result_.request;
    const auto n_gate = static_cast<std::size_t>(options_.gate_films);
    const auto n_deletion = static_cast<std::size_t>(options_.deletion_films);
    explain::SplitOptions split = r.split;
    split.layer = r.layers.front();
    const auto model = explain::load_split_model(r.model, split);
    std::set<std::string> gate_patients, deletion_patients;
    const auto is_new = [](std::set<std::string>& seen, const std::string& patient) {
      return patient.empty() || seen.insert(patient).second;
    };
    std::size_t n_tried = 0;
    for (const std::size_t listed : explain::shuffled_order(cases_.size(), common_.seed, kFilmPurpose)) {
      const bool is_full = r.gate_cases.size() >= n_gate && r.deletion_cases.size() >= n_deletion;
      if (is_full || n_tried++ >= kMostTried) break;
      const auto used = try_to_use(listed);
      if (!used) continue;
      const std::size_t i = *used;
      if (r.gate_cases.size() < n_gate && is_new(gate_patients, r.cases[i].patient)) r.gate_cases.push_back(i);
      if (r.deletion_cases.size() >= n_deletion) continue;
      const std::int64_t top = explain::top_class(explain::logits_of(*model, r.cases[i].input));
      FloatArray batch = r.cases[i].input;
      batch.shape.insert(batch.shape.begin(), 1);
      const bool is_sure =
          r.score == Target::Kind::kLogit || explain::score_of(*model, {r.score, top})(batch).front() >= kLowestScore;
      if (is_sure && is_new(deletion_patients, r.cases[i].patient)) r.deletion_cases.push_back(i);
    }
    if (r.deletion_cases.size() < n_deletion) {
      result_.notes.push_back(
          fmt::format("Only {} films have a top class of probability 0.5 or more for deletion and "
                      "insertion.",
                      r.deletion_cases.size()));
    }
  }

  const SurveyOptions& options_;
  std::filesystem::path cases_file_;
  const CommonOptions& common_;
  SurveyInput result_;
  std::vector<Case> cases_;
  std::map<std::string, std::size_t> by_name_;
  std::map<std::size_t, std::size_t> used_;
  std::set<std::size_t> unreadable_;
};

}  // namespace

SurveyInput read_survey(const SurveyOptions& options, std::size_t index, const CommonOptions& common,
                        explain::Mode mode) {
  return Reading(options, index, common, mode).run();
}

}  // namespace rationale::ui
