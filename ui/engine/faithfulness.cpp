// `rationale faithfulness`: whether maps hold what they promise, measured.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "data/arrays/npy.h"
#include "data/base/progress.h"
#include "explain/quality/gate.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/map_metrics.h"
#include "explain/quality/similarity.h"
#include "ui/engine/bodies.h"
#include "ui/engine/faithfulness_sets.h"
#include "ui/engine/faithfulness_summary.h"
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

/// @param target  what the maps explain
ScoreChoice choose_score(const FaithfulnessOptions& o, const ModelArgument& model, const Target& target,
                         std::size_t n_classes) {
  if (target.kind == Target::Kind::kNegLogit || target.kind == Target::Kind::kLogitDiff) {
    if (o.score.empty()) return {target.kind, o.target.kind, "--kind: what the maps explain"};
    throw Error(Error::Kind::kUsage,
                fmt::format("the maps explain {}, and {} is a score of the class", o.target.kind, o.score), "--score",
                "leave --score out: deletion then looks at what the maps explain")
        .with_code("other_score");
  }
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
        common_(line.common),
        mode_(prepare_engine(line.common, explain::Mode::kReproducible)),
        model_(read_model_argument(o_.model)),
        input_(read_input(o_.tensor, model_)),
        targets_(parse_targets(o_.target.kind, o_.target.classes, model_)),
        patients_(read_patients(o_.patients, static_cast<std::size_t>(input_.shape[0]))),
        sets_(read_map_sets(o_, source(), input_, targets_, model_, line.common.seed)),
        split_(explain::load_split_model(model_.file, scorer_split())) {
    for (MapSet& set : sets_) {
      if (!o_.masks.empty()) add_masks(set.rows, o_.masks, input_);
      if (!o_.boxes.empty()) add_boxes(set.rows, o_.boxes, input_, model_);
    }
    score_ = choose_score(o_, model_, targets_.front(), explain::logits_of(*split_, image(0)).size());
    if (!o_.perturbations.empty()) read_perturbations();
  }

  ordered_json run() {
    ordered_json result{{"model_sha256", split_->facts().file_sha256},
                        {"layer", split_->facts().layer},
                        {"method", o_.method},
                        {"score", {{"kind", score_.name}, {"chosen_by", score_.reason}}},
                        {"steps", o_.steps},
                        {"blur_sigma_px", o_.blur}};
    std::size_t n_maps = 0, n_done = 0;
    for (const MapSet& set : sets_) n_maps += set.rows.size();
    Progress progress("maps", n_maps, common_.progress());
    ordered_json rows = ordered_json::array(), summary = ordered_json::array();
    for (const MapSet& set : sets_) {
      const auto others = randomised_of(set);
      ordered_json own = ordered_json::array();
      for (const MapRow& row : set.rows) {
        own.push_back(measure(set, row, others));
        progress.update(++n_done);
      }
      ordered_json all{{"method", set.method}, {"layer", set.layer}, {"baseline", set.is_baseline}};
      all.update(summary_of(own, patients_, {.seed = common_.seed}));
      if (o_.cascade && !set.is_baseline) all["gate"] = gate(set);
      summary.push_back(std::move(all));
      rows.insert(rows.end(), own.begin(), own.end());
    }
    // One map: its values stand at the top too.
    if (rows.size() == 1) result.update(rows.front());
    if (summary.front().contains("gate")) result["gate"] = summary.front()["gate"];
    result["summary"] = std::move(summary);
    result["rows"] = std::move(rows);
    return result;
  }

 private:
  using Makers = std::vector<std::unique_ptr<explain::MapMaker>>;

  FloatArray image(std::size_t sample) const { return explain::image_of(input_, sample); }

  explain::MapSource source() const {
    explain::MapSource source;
    source.model = model_.file;
    if (o_.target.call >= 0) source.split.call = o_.target.call;
    source.split.output = model_.output(o_.target.output);
    source.split.input_shape = input_.shape;
    source.split.mode = mode_;
    source.split.device = common_.device;
    source.grid = model_.grid(o_.target.reshape);
    source.settings.samples = o_.numbers.samples;
    source.settings.seed = common_.seed;
    return source;
  }

  /// Any cut gives the scores: the first set's layer, so that its name can be printed.
  explain::SplitOptions scorer_split() const {
    explain::SplitOptions split = sets_.front().source.split;
    const std::string& method = sets_.front().method;
    const bool is_at_input = !method.empty() && explain::find_map_method(method).level == explain::Level::kInput;
    if (is_at_input) {
      split.layer = explain::kInputLayer;
      split.call.reset();
    }
    return split;
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

  /// The method of the set on the models of --randomised, at the same layer.
  Makers randomised_of(const MapSet& set) const {
    Makers makers;
    if (set.maker == nullptr) return makers;
    for (const auto& file : o_.randomised) {
      explain::MapSource other = set.source;
      other.model = read_model_argument(file).file;
      other.split.layer = set.layer;
      if (!set.layer.empty()) other.split.call = set.maker->facts().call;
      makers.push_back(std::make_unique<explain::MapMaker>(other, std::vector<std::string>{set.method}));
    }
    return makers;
  }

  /// The positive map of the set's method, computed here.
  static FloatArray recomputed(const MapSet& set, const explain::MapMaker& maker, const FloatArray& x,
                               const Target& target) {
    return explain::positive_map(maker.maps(x, target).front(), x, explain::find_method(set.method).zero);
  }

  ordered_json measure(const MapSet& set, const MapRow& row, const Makers& randomised) {
    ordered_json result{{"method", set.method},
                        {"layer", set.layer},
                        {"sample", row.sample},
                        {"class", model_.class_name(row.target.class_index)}};
    add_faithfulness(result, row);
    add_localisation(result, row);
    add_occlusion(result, row);
    add_sensitivity(result, set, row);
    add_randomisation(result, set, row, randomised);
    return result;
  }

  /// An intervention beside every map: does covering what it names lower the target?
  void add_occlusion(ordered_json& result, const MapRow& row) {
    if (row.map.shape.size() != 2) {
      result["occlusion_spearman"] = not_estimable("volume", "the check covers windows of planes");
      return;
    }
    const auto key = std::tuple(row.sample, row.target.class_index, row.target.other);
    auto known = occlusions_.find(key);
    if (known == occlusions_.end()) {
      known = occlusions_.emplace(key, explain::occlusion_check(*split_, image(row.sample), row.target)).first;
    }
    result["occlusion_spearman"] = as_json(explain::spearman(row.map.values, known->second.values));
  }

  void add_faithfulness(ordered_json& result, const MapRow& row) const {
    Target target = row.target;
    target.kind = score_.kind;
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

  /// argmax_rc, of a volume argmax_drc: slice, row and column from 0.
  static void add_peak(ordered_json& result, const FloatArray& map) {
    const bool is_volume = map.shape.size() == 3;
    const char* name = is_volume ? "argmax_drc" : "argmax_rc";
    if (is_volume) result["argmax_rc"] = not_estimable("volume", "a volume's peak is argmax_drc");
    const auto peak = explain::peak_index(map.values);
    if (!peak) {
      result[name] = not_estimable("no_positive_evidence", "no positive pixel of the map is above the others");
      return;
    }
    std::vector<std::int64_t> place(map.shape.size());
    auto left = static_cast<std::int64_t>(*peak);
    for (std::size_t axis = place.size(); axis-- > 0; left /= map.shape[axis]) place[axis] = left % map.shape[axis];
    result[name] = place;
  }

  void add_localisation(ordered_json& result, const MapRow& row) const {
    const auto missing = [&](const std::string& code, const std::string& reason) {
      for (const char* name : {"argmax_rc", "pointing_hit", "pointing_hit_tol3", "energy_in_mask", "iou_thr50",
                               "iou_thr25", "iou_top_area", "pixel_auc"}) {
        result[name] = not_estimable(code, reason);
      }
    };
    if (!row.annotation) {
      missing("no_region", o_.masks.empty() && o_.boxes.empty() ? "--masks or --boxes say where the finding is"
                                                                : "nothing is marked in this image for this class");
    }
    add_peak(result, row.map);
    if (!row.annotation) return;
    const bool is_volume = row.map.shape.size() == 3;
    const explain::Localisation l = is_volume ? explain::localisation(row.map, row.annotation->mask)
                                              : explain::localisation(explain::as_plane(row.map), *row.annotation);
    result["annotated_by"] = row.annotated_by;
    result["pointing_hit"] = l.pointing_hit.value == 1;
    result["pointing_hit_tol3"] = l.pointing_hit_tol3.value == 1;
    result["energy_in_mask"] = as_json(l.energy_in_mask);
    result["iou_thr50"] = as_json(l.iou_thr50);
    result["iou_thr25"] = as_json(l.iou_thr25);
    result["iou_top_area"] = as_json(l.iou_top_area);
    result["pixel_auc"] = as_json(l.pixel_auc);
  }

  void add_sensitivity(ordered_json& result, const MapSet& set, const MapRow& row) const {
    if (o_.perturbations.empty() || set.maker == nullptr) {
      result["max_sensitivity"] = result["sensitivity_all"] =
          o_.perturbations.empty() ? not_estimable("no_perturbations", "--perturbations gives the noise")
                                   : no_method(set);
      return;
    }
    const FloatArray x = image(row.sample);
    std::vector<double> changes;
    for (std::size_t p = 0; p < static_cast<std::size_t>(perturbations_.shape[0]); ++p) {
      FloatArray moved = explain::image_of(perturbations_, p);
      for (std::size_t i = 0; i < moved.values.size(); ++i) moved.values[i] += x.values[i];
      const explain::Measure change =
          explain::relative_change(row.map.values, recomputed(set, *set.maker, moved, row.target).values);
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
        as_json(explain::relative_change(row.map.values, recomputed(set, *set.maker, x, row.target).values));
  }

  static ordered_json no_method(const MapSet& set) {
    return set.is_baseline ? not_estimable("baseline", "a baseline does not look at the model")
                           : not_estimable("method_needed", "--method names what made the maps");
  }

  void add_randomisation(ordered_json& result, const MapSet& set, const MapRow& row, const Makers& randomised) const {
    if (o_.randomised.empty() || set.maker == nullptr) {
      result["randomisation"] = o_.randomised.empty() ? not_estimable("no_randomised_models",
                                                                      "--randomised names models with randomised weights")
                                                      : no_method(set);
      return;
    }
    const FloatArray x = image(row.sample);
    result["randomisation"] = ordered_json::array();
    for (std::size_t m = 0; m < randomised.size(); ++m) {
      const FloatArray other = recomputed(set, *randomised[m], x, row.target);
      ordered_json stage{{"model", o_.randomised[m].string()}};
      stage["ssim"] = row.map.shape.size() == 2
                          ? as_json(explain::ssim(explain::as_plane(row.map), explain::as_plane(other)))
                          : not_estimable("volume", "structural similarity is computed for planes only");
      stage["spearman"] = as_json(explain::spearman(row.map.values, other.values));
      stage["pearson"] = as_json(explain::pearson(row.map.values, other.values));
      result["randomisation"].push_back(std::move(stage));
    }
  }

  ordered_json gate(const MapSet& set) const {
    if (set.method.empty()) return no_method(set);
    explain::GateRequest request;
    request.source = set.source;
    request.source.split.layer = set.layer.empty() ? explain::kInputLayer : set.layer;
    request.source.split.call.reset();
    if (!set.layer.empty()) request.source.split.call = set.maker->facts().call;
    request.methods = {set.method};
    request.seed = request.resampling.seed = common_.seed;
    for (const MapRow& row : set.rows) {
      request.images.push_back(image(row.sample));
      request.targets.push_back(row.target);
      request.patients.push_back(patients_[row.sample]);
    }
    return as_json(explain::randomisation_gate(request).front());
  }

  const FaithfulnessOptions& o_;
  const CommonOptions& common_;
  explain::Mode mode_;
  ModelArgument model_;
  FloatArray input_;
  std::vector<Target> targets_;
  std::vector<std::string> patients_;
  std::vector<MapSet> sets_;
  std::unique_ptr<explain::SplitModel> split_;
  ScoreChoice score_;
  FloatArray perturbations_;
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t>, Plane> occlusions_;
};

std::string cell(const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "hit" : "miss";
  if (value.is_number()) return fmt::format("{:.3f}", value.get<double>());
  return "–";
}

std::string mean(const ordered_json& estimate) { return cell(estimate["mean"]); }

void print_table(const ordered_json& result) {
  fmt::print("score: {} ({}); {} steps; blurred base sigma {} px\n", result["score"]["kind"].get<std::string>(),
             result["score"]["chosen_by"].get<std::string>(), result["steps"].get<int>(),
             result["blur_sigma_px"].get<double>());
  constexpr const char* columns = "{:>5} {:16} {:>8} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n";
  fmt::print(columns, "image", "class", "deletion", "insert", "del blur", "ins blur", "pointing", "energy",
             "IoU", "pix AUC", "occlus.", "max sens");
  std::size_t at = 0;
  for (const auto& set : result["summary"]) {
    const std::string method = set["method"], layer = set["layer"];
    fmt::print("{}{}\n", method.empty() ? "given maps" : method, layer.empty() ? "" : " at " + layer);
    for (std::size_t r = 0; r < set["maps"].get<std::size_t>(); ++r, ++at) {
      const auto& row = result["rows"][at];
      fmt::print(columns, row["sample"].get<std::size_t>(), row["class"].get<std::string>(),
                 cell(row["deletion_auc"]), cell(row["insertion_auc"]), cell(row["deletion_auc_blur"]),
                 cell(row["insertion_auc_blur"]), cell(row["pointing_hit"]), cell(row["energy_in_mask"]),
                 cell(row["iou_top_area"]), cell(row["pixel_auc"]), cell(row["occlusion_spearman"]),
                 cell(row["max_sensitivity"]));
    }
    fmt::print(columns, "mean", fmt::format("{} patients", set["patients"].get<std::size_t>()),
               mean(set["deletion_auc"]), mean(set["insertion_auc"]), mean(set["deletion_auc_blur"]),
               mean(set["insertion_auc_blur"]), mean(set["pointing_hit"]), mean(set["energy_in_mask"]),
               mean(set["iou_top_area"]), mean(set["pixel_auc"]), mean(set["occlusion_spearman"]),
               mean(set["max_sensitivity"]));
    if (set.contains("gate") && set["gate"].contains("reason")) {
      fmt::print("      gate: {}\n", set["gate"]["reason"].get<std::string>());
    }
  }
  fmt::print("– not estimable; --json says why, and gives the intervals of the means\n");
}

}  // namespace

int run_faithfulness(const CommandLine& line) {
  Measuring measuring(line);
  const ordered_json result = measuring.run();
  if (line.common.json) {
    print_json(kSchema, result);
  } else {
    print_table(result);
  }
  return 0;
}

}  // namespace rationale::ui
