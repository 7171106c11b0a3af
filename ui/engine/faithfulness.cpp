// `rationale faithfulness`: whether maps hold what they promise, measured.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/arrays/npy.h"
#include "data/base/progress.h"
#include "explain/quality/gate.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/map_metrics.h"
#include "explain/quality/similarity.h"
#include "ui/engine/bodies.h"
#include "ui/engine/faithfulness_input.h"
#include "ui/engine/gate_json.h"
#include "ui/engine/measure_json.h"

namespace rationale::ui {
namespace {

using explain::Target;
using nlohmann::ordered_json;

constexpr const char* kSchema = "rationale.faithfulness";

/// What deletion and insertion look at, and why.
struct ScoreChoice {
  Target::Kind kind = Target::Kind::kLogit;
  std::string name, reason;
};

Target::Kind score_kind(const std::string& name) {
  return name == "softmax" ? Target::Kind::kSoftmax : name == "sigmoid" ? Target::Kind::kSigmoid : Target::Kind::kLogit;
}

ScoreChoice choose_score(const FaithfulnessOptions& o, const ModelArgument& model, std::size_t n_classes) {
  if (!o.score.empty()) return {score_kind(o.score), o.score, "--score"};
  if (o.target.kind == "softmax" || o.target.kind == "sigmoid") {
    return {score_kind(o.target.kind), o.target.kind, "--kind"};
  }
  if (model.card && model.card->output_kind != explain::OutputKind::kLogits) {
    return {Target::Kind::kLogit, "logit", "the card: the output is no logit"};
  }
  if (model.card && model.card->activation != explain::Activation::kNone) {
    const std::string name = model.card->activation == explain::Activation::kSigmoid ? "sigmoid" : "softmax";
    return {score_kind(name), name, "the card's activation"};
  }
  const std::string name = n_classes > 1 ? "softmax" : "sigmoid";
  return {score_kind(name), name, n_classes > 1 ? "the model has several classes" : "the model has one class"};
}

class Measuring {
 public:
  Measuring(const CommandLine& line)
      : o_(line.faithfulness),
        mode_(prepare_engine(line.common, explain::Mode::kReproducible)),
        model_(read_model_argument(o_.model)),
        input_(read_input(o_.tensor, model_)),
        targets_(parse_targets(o_.target.kind, o_.target.classes, model_)),
        rows_(read_map_rows(o_.maps, input_, targets_)),
        split_(explain::load_split_model(model_.file, options(line.common.device))) {
    if (!o_.method.empty()) explain::check_has_method(o_.method);
    if (!o_.target.reshape.empty()) grid_ = explain::parse_token_grid(o_.target.reshape);
    if (!o_.masks.empty()) add_masks(rows_, o_.masks, input_);
    if (!o_.boxes.empty()) add_boxes(rows_, o_.boxes, input_, model_);
    score_ = choose_score(o_, model_, explain::logits_of(*split_, image(0)).size());
    if (!o_.perturbations.empty()) read_perturbations();
    for (const auto& file : o_.randomised) {
      explain::SplitOptions same = options(line.common.device);
      same.layer = split_->facts().layer;
      same.call = split_->facts().call;
      randomised_.push_back(explain::load_split_model(read_model_argument(file).file, same));
    }
    device_ = line.common.device;
  }

  ordered_json run(const CommonOptions& common) {
    ordered_json rows = ordered_json::array();
    Progress progress("maps", rows_.size(), common.progress());
    for (const MapRow& row : rows_) {
      rows.push_back(measure(row));
      progress.update(rows.size());
    }
    ordered_json result{{"model_sha256", split_->facts().file_sha256},
                        {"layer", split_->facts().layer},
                        {"method", o_.method},
                        {"score", {{"kind", score_.name}, {"chosen_by", score_.reason}}},
                        {"steps", o_.steps},
                        {"blur_sigma_px", o_.blur}};
    // One map: its values stand at the top too.
    if (rows.size() == 1) result.update(rows.front());
    if (o_.cascade) result["gate"] = gate(common);
    result["rows"] = std::move(rows);
    return result;
  }

  const ScoreChoice& score() const { return score_; }

 private:
  FloatArray image(std::size_t sample) const { return explain::image_of(input_, sample); }

  explain::SplitOptions options(const std::string& device) const {
    explain::SplitOptions options;
    options.layer = model_.layer(o_.target.layer);
    if (o_.target.call >= 0) options.call = o_.target.call;
    options.output = model_.output(o_.target.output);
    options.input_shape = input_.shape;
    options.mode = mode_;
    options.device = device;
    return options;
  }

  void read_perturbations() {
    perturbations_ = read_npy_float(o_.perturbations);
    const Shape one(input_.shape.begin() + 1, input_.shape.end());
    const bool fits = perturbations_.shape.size() == input_.shape.size() &&
                      Shape(perturbations_.shape.begin() + 1, perturbations_.shape.end()) == one &&
                      perturbations_.shape[0] > 0;
    if (fits) return;
    throw Error(Error::Kind::kInput, fmt::format("the noise is [{}]", fmt::join(perturbations_.shape, ", ")),
                o_.perturbations.string(), fmt::format("give [M, {}], the shape of an image", fmt::join(one, ", ")))
        .with_code("input_shape");
  }

  /// The positive map of this method, computed here.
  FloatArray recomputed(const explain::SplitModel& model, const FloatArray& x, const Target& target) const {
    return explain::positive_map(explain::raw_map(model, x, target, o_.method, grid_), x);
  }

  ordered_json measure(const MapRow& row) const {
    ordered_json result{{"sample", row.sample}, {"class", model_.class_name(row.target.class_index)}};
    add_faithfulness(result, row);
    add_localisation(result, row);
    add_sensitivity(result, row);
    add_randomisation(result, row);
    return result;
  }

  void add_faithfulness(ordered_json& result, const MapRow& row) const {
    const Target target{score_.kind, row.target.class_index};
    const explain::Faithfulness f =
        explain::faithfulness(explain::score_of(*split_, target), image(row.sample), row.map.values,
                              {.n_steps = o_.steps, .blur_sigma_px = o_.blur});
    if (f.deletion_auc) {
      result["deletion_curve"] = f.deletion_curve;
      result["insertion_curve"] = f.insertion_curve;
    } else {
      result["deletion_curve"] = result["insertion_curve"] = as_json(f.deletion_auc);
    }
    result["deletion_auc"] = as_json(f.deletion_auc);
    result["insertion_auc"] = as_json(f.insertion_auc);
    result["deletion_auc_blur"] = as_json(f.deletion_auc_blur);
    result["insertion_auc_blur"] = as_json(f.insertion_auc_blur);
  }

  void add_localisation(ordered_json& result, const MapRow& row) const {
    const auto missing = [&](const std::string& code, const std::string& reason) {
      for (const char* name : {"argmax_rc", "pointing_hit", "pointing_hit_tol3", "energy_in_mask", "iou_thr50",
                               "iou_thr25", "iou_top_area", "pixel_auc"}) {
        result[name] = not_estimable(code, reason);
      }
    };
    if (row.map.shape.size() != 2) return missing("volume", "localisation is measured in planes");
    if (!row.annotation) {
      missing("no_region", o_.masks.empty() && o_.boxes.empty() ? "--masks or --boxes say where the finding is"
                                                                : "nothing is marked in this image for this class");
    }
    const Plane map = explain::as_plane(row.map);
    const auto peak = explain::find_peak(map);
    if (peak) {
      result["argmax_rc"] = {peak->row, peak->col};
    } else {
      result["argmax_rc"] = not_estimable("no_positive_evidence", "no positive pixel of the map is above the others");
    }
    if (!row.annotation) return;
    const explain::Localisation l = explain::localisation(map, *row.annotation);
    result["annotated_by"] = row.annotated_by;
    result["pointing_hit"] = l.pointing_hit.value == 1;
    result["pointing_hit_tol3"] = l.pointing_hit_tol3.value == 1;
    result["energy_in_mask"] = as_json(l.energy_in_mask);
    result["iou_thr50"] = as_json(l.iou_thr50);
    result["iou_thr25"] = as_json(l.iou_thr25);
    result["iou_top_area"] = as_json(l.iou_top_area);
    result["pixel_auc"] = as_json(l.pixel_auc);
  }

  void add_sensitivity(ordered_json& result, const MapRow& row) const {
    if (o_.perturbations.empty() || o_.method.empty()) {
      result["max_sensitivity"] = result["sensitivity_all"] =
          o_.perturbations.empty() ? not_estimable("no_perturbations", "--perturbations gives the noise")
                                   : not_estimable("method_needed", "--method names what made the maps");
      return;
    }
    const FloatArray x = image(row.sample);
    std::vector<double> changes;
    for (std::size_t p = 0; p < static_cast<std::size_t>(perturbations_.shape[0]); ++p) {
      FloatArray moved = explain::image_of(perturbations_, p);
      for (std::size_t i = 0; i < moved.values.size(); ++i) moved.values[i] += x.values[i];
      const explain::Measure change =
          explain::relative_change(row.map.values, recomputed(*split_, moved, row.target).values);
      if (!change) {
        result["max_sensitivity"] = result["sensitivity_all"] = as_json(change);
        return;
      }
      changes.push_back(change.value);
    }
    result["max_sensitivity"] = *std::ranges::max_element(changes);
    result["sensitivity_all"] = changes;
    // Maps of another method, layer or class would be compared with what they are not.
    result["recomputed_difference"] =
        as_json(explain::relative_change(row.map.values, recomputed(*split_, x, row.target).values));
  }

  void add_randomisation(ordered_json& result, const MapRow& row) const {
    if (o_.randomised.empty() || o_.method.empty()) {
      result["randomisation"] =
          o_.randomised.empty()
              ? not_estimable("no_randomised_models", "--randomised names models with randomised weights")
              : not_estimable("method_needed", "--method names what made the maps");
      return;
    }
    const FloatArray x = image(row.sample);
    result["randomisation"] = ordered_json::array();
    for (std::size_t m = 0; m < randomised_.size(); ++m) {
      const FloatArray other = recomputed(*randomised_[m], x, row.target);
      ordered_json stage{{"model", o_.randomised[m].string()}};
      stage["ssim"] = row.map.shape.size() == 2
                          ? as_json(explain::ssim(explain::as_plane(row.map), explain::as_plane(other)))
                          : not_estimable("volume", "structural similarity is computed for planes only");
      stage["spearman"] = as_json(explain::spearman(row.map.values, other.values));
      stage["pearson"] = as_json(explain::pearson(row.map.values, other.values));
      result["randomisation"].push_back(std::move(stage));
    }
  }

  ordered_json gate(const CommonOptions& common) const {
    if (o_.method.empty()) return not_estimable("method_needed", "--method names what made the maps");
    explain::GateRequest request;
    request.model = model_.file;
    request.split = options(device_);
    request.split.layer = split_->facts().layer;
    request.split.call = split_->facts().call;
    request.grid = grid_;
    request.methods = {o_.method};
    request.seed = request.resampling.seed = common.seed;
    for (const MapRow& row : rows_) {
      request.images.push_back(image(row.sample));
      request.targets.push_back(row.target);
      request.patients.emplace_back();
    }
    return as_json(explain::randomisation_gate(request).front());
  }

  const FaithfulnessOptions& o_;
  explain::Mode mode_;
  ModelArgument model_;
  FloatArray input_;
  std::vector<Target> targets_;
  std::vector<MapRow> rows_;
  std::unique_ptr<explain::SplitModel> split_;
  std::optional<explain::TokenGrid> grid_;
  ScoreChoice score_;
  FloatArray perturbations_;
  std::vector<std::unique_ptr<explain::SplitModel>> randomised_;
  std::string device_;
};

std::string cell(const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "hit" : "miss";
  if (value.is_number()) return fmt::format("{:.3f}", value.get<double>());
  return "–";
}

void print_table(const ordered_json& result) {
  fmt::print("score: {} ({}); layer {}; {} steps; blurred base sigma {} px\n",
             result["score"]["kind"].get<std::string>(), result["score"]["chosen_by"].get<std::string>(),
             result["layer"].get<std::string>(), result["steps"].get<int>(), result["blur_sigma_px"].get<double>());
  fmt::print("{:>5} {:16} {:>8} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "image", "class", "deletion",
             "insert", "del blur", "ins blur", "pointing", "energy", "IoU", "pix AUC", "max sens");
  for (const auto& row : result["rows"]) {
    fmt::print("{:>5} {:16} {:>8} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}\n", row["sample"].get<std::size_t>(),
               row["class"].get<std::string>(), cell(row["deletion_auc"]), cell(row["insertion_auc"]),
               cell(row["deletion_auc_blur"]), cell(row["insertion_auc_blur"]), cell(row["pointing_hit"]),
               cell(row["energy_in_mask"]), cell(row["iou_top_area"]), cell(row["pixel_auc"]),
               cell(row["max_sensitivity"]));
  }
  if (result.contains("gate") && result["gate"].contains("reason")) {
    fmt::print("gate: {}\n", result["gate"]["reason"].get<std::string>());
  }
  fmt::print("– not estimable; --json says why\n");
}

}  // namespace

int run_faithfulness(const CommandLine& line) {
  Measuring measuring(line);
  const ordered_json result = measuring.run(line.common);
  if (line.common.json) {
    print_json(kSchema, result);
  } else {
    print_table(result);
  }
  return 0;
}

}  // namespace rationale::ui
