#include "explain/quality/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "explain/quality/baselines.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/occlusion.h"
#include "explain/quality/similarity.h"

namespace rationale::explain {
namespace {

/// The film of a map: which case, for which class.
struct Shown {
  std::size_t case_index;
  Target target;
};

class Survey {
 public:
  explicit Survey(const SurveyRequest& request) : request_(request) {}

  SurveyResult run() {
    for (const std::string& layer : request_.layers) survey_layer(layer);
    survey_occlusion();
    survey_baselines();
    compare_with_random();
    SurveyResult result;
    result.n_weight_layers = weight_layers(request_.model, request_.split.input_shape, request_.split.output).size();
    for (auto* some : {&maps_, &baselines_}) {
      for (MapSurvey& one : *some) result.maps.push_back(std::move(one));
    }
    result.second = second_reader();
    return result;
  }

 private:
  void say(const std::string& what) const {
    check_interrupt();
    if (request_.progress) request_.progress(what);
  }

  std::vector<Shown> findings() const {
    std::vector<Shown> shown;
    for (const MarkedFinding& finding : request_.findings) {
      shown.push_back({finding.case_index, {Target::Kind::kLogit, finding.class_index}});
    }
    return shown;
  }

  std::vector<std::string> patients_of(const std::vector<Shown>& shown) const {
    std::vector<std::string> patients;
    for (const Shown& one : shown) patients.push_back(request_.cases[one.case_index].patient);
    return patients;
  }

  const FloatArray& input(const Shown& one) const { return request_.cases[one.case_index].input; }

  /// The cases for deletion, each with its top class; fixed at the first layer.
  void choose_top_classes(const SplitModel& model) {
    const auto with_top_class = [&](const std::vector<std::size_t>& indices) {
      std::vector<Shown> shown;
      for (const std::size_t i : indices) {
        shown.push_back({i, {Target::Kind::kLogit, top_class(logits_of(model, request_.cases[i].input))}});
      }
      return shown;
    };
    deletion_cases_ = with_top_class(request_.deletion_cases);
    gate_cases_ = with_top_class(request_.gate_cases);
  }

  void survey_layer(const std::string& layer) {
    SplitOptions options = request_.split;
    options.layer = layer;
    const auto model = load_split_model(request_.model, options);
    if (!scorer_) {
      choose_top_classes(*model);
    }
    std::vector<MethodGate> gates;
    if (!gate_cases_.empty()) {
      say(fmt::format("sanity gate at {}", layer));
      gates = randomisation_gate(gate_request(options));
    }
    const FloatArray& any = request_.cases.front().input;
    const FloatArray activation = compute_activation(*model, any);
    const MapGrid grid{static_cast<int>(activation.shape[2]), static_cast<int>(activation.shape[3]),
                       static_cast<int>(any.shape[1]), static_cast<int>(any.shape[2])};
    grids_.emplace(std::pair(grid.cell_rows, grid.cell_cols), grid);
    for (std::size_t m = 0; m < request_.methods.size(); ++m) {
      const std::string& method = request_.methods[m];
      say(fmt::format("{} at {}", method, layer));
      const auto make = [&](const Shown& one) {
        return as_plane(positive_map(raw_map(*model, input(one), one.target, method), input(one)));
      };
      MapSurvey result = measure(make, *model);
      result.layer = layer;
      result.method = method;
      result.shape = activation.shape;
      if (!gates.empty()) result.gate = gates[m];
      grid_of_.push_back({grid.cell_rows, grid.cell_cols});
      maps_.push_back(std::move(result));
    }
    if (!scorer_) scorer_ = load_split_model(request_.model, options);
  }

  static FloatArray compute_activation(const SplitModel& model, const FloatArray& image) {
    FloatArray batch = image;
    batch.shape.insert(batch.shape.begin(), 1);
    FloatArray activation = compute_maps(model, batch, {"activation", {}, {}, {}});
    if (activation.shape.size() == 4) return activation;
    throw Error(Error::Kind::kRefused,
                fmt::format("layer \"{}\" returns [{}]: no rows and columns", model.facts().layer,
                            fmt::join(activation.shape, ", ")),
                "--layer", "choose a layer with rows and columns; `rationale layers` lists them")
        .with_code("no_places");
  }

  GateRequest gate_request(const SplitOptions& options) const {
    GateRequest gate;
    gate.model = request_.model;
    gate.split = options;
    gate.methods = request_.methods;
    gate.seed = request_.seed;
    gate.resampling = request_.resampling;
    for (const Shown& one : gate_cases_) {
      gate.images.push_back(input(one));
      gate.targets.push_back(one.target);
    }
    gate.patients = patients_of(gate_cases_);
    return gate;
  }

  /// Agreement and deletion of one kind of map.
  template <typename Make>
  MapSurvey measure(const Make& make, const SplitModel& scorer) {
    MapSurvey result;
    std::vector<MarkedMap> marked;
    const std::vector<Shown> shown = findings();
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const std::int64_t k = shown[i].target.class_index;
      marked.push_back({request_.classes.at(static_cast<std::size_t>(k)), request_.cases[shown[i].case_index].patient,
                        localisation(make(shown[i]), request_.findings[i].annotation)});
    }
    if (!marked.empty()) result.agreement = agreement(marked, request_.resampling);
    std::vector<Plane> planes;
    for (const Shown& one : deletion_cases_) {
      planes.push_back(make(one));
      const Score score = score_of(scorer, {request_.score, one.target.class_index});
      const Faithfulness f = faithfulness(score, input(one), planes.back().values, request_.deletion);
      result.deletion.push_back(f.deletion_auc);
      result.insertion.push_back(f.insertion_auc);
      result.deletion_blur.push_back(f.deletion_auc_blur);
      result.insertion_blur.push_back(f.insertion_auc_blur);
    }
    deletion_maps_.push_back(std::move(planes));
    return result;
  }

  void survey_occlusion() {
    say("occlusion");
    const FloatArray& any = request_.cases.front().input;
    const OcclusionGrid grid = coarse_grid(static_cast<int>(any.shape[1]), static_cast<int>(any.shape[2]));
    const auto make = [&](const Shown& one) {
      Plane map = occlusion_map(score_of(*scorer_, one.target), input(one),
                                blurred(input(one), request_.deletion.blur_sigma_px), grid);
      return map;
    };
    MapSurvey result = measure(make, *scorer_);
    result.method = "occlusion";
    grid_of_.push_back(grid_of_.front());
    const std::vector<Plane>& occluded = deletion_maps_.back();
    for (std::size_t m = 0; m < maps_.size(); ++m) {
      // The first row of the same method is the one at the first layer.
      const std::size_t first = m % request_.methods.size();
      maps_[m].occlusion = likeness(deletion_maps_[m], occluded);
      maps_[m].likeness = likeness(deletion_maps_[m], deletion_maps_[first]);
    }
    maps_.push_back(std::move(result));
  }

  Estimate likeness(const std::vector<Plane>& a, const std::vector<Plane>& b) const {
    std::vector<Measure> values;
    for (std::size_t i = 0; i < a.size(); ++i) values.push_back(spearman(a[i].values, b[i].values));
    return mean_of_measures(values, patients_of(deletion_cases_), request_.resampling);
  }

  void survey_baselines() {
    say("baselines");
    const auto add = [&](const std::string& method, std::pair<int, int> cells, const auto& make) {
      MapSurvey result = measure(make, *scorer_);
      result.method = method;
      result.is_baseline = true;
      result.shape = {1, 1, cells.first, cells.second};
      baselines_.push_back(std::move(result));
      baseline_grid_.push_back(cells);
    };
    const auto& [first_cells, first_grid] = *grids_.begin();
    add("centre", first_cells, [grid = first_grid](const Shown&) { return centre_map(grid); });
    baselines_.back().shape.clear();
    for (const auto& [cells, grid] : grids_) {
      add("edges", cells, [&, grid = grid](const Shown& one) { return edge_map(input(one), grid); });
    }
    for (const auto& [cells, grid] : grids_) {
      add("random", cells,
          [&, grid = grid](const Shown& one) { return random_map(grid, request_.seed, one.case_index); });
    }
    add_uniform();
  }

  void add_uniform() {
    if (request_.findings.empty()) return;
    MapSurvey uniform;
    uniform.method = "uniform";
    uniform.is_baseline = true;
    std::vector<std::string> names;
    std::vector<double> shares;
    for (const MarkedFinding& finding : request_.findings) {
      names.push_back(request_.classes.at(static_cast<std::size_t>(finding.class_index)));
      const auto& mask = finding.annotation.mask;
      shares.push_back(static_cast<double>(std::count(mask.begin(), mask.end(), 1)) / static_cast<double>(mask.size()));
    }
    uniform.agreement = chance_agreement(names, patients_of(findings()), shares, request_.resampling);
    baselines_.push_back(std::move(uniform));
  }

  /// Each map against a random order of its own resolution, film by film.
  void compare_with_random() {
    const auto random_of = [&](std::pair<int, int> cells) -> const MapSurvey& {
      for (std::size_t b = 0; b < baseline_grid_.size(); ++b) {
        if (baselines_[b].method == "random" && baseline_grid_[b] == cells) return baselines_[b];
      }
      return baselines_.front();
    };
    for (std::size_t m = 0; m < maps_.size(); ++m) compare(maps_[m], random_of(grid_of_[m]));
    for (std::size_t b = 0; b < baseline_grid_.size(); ++b) compare(baselines_[b], random_of(baseline_grid_[b]));
  }

  void compare(MapSurvey& one, const MapSurvey& random) const {
    const std::vector<std::string> patients = patients_of(deletion_cases_);
    const auto gain = [&](const std::vector<Measure>& better, const std::vector<Measure>& worse) {
      std::vector<Measure> gains;
      for (std::size_t i = 0; i < better.size(); ++i) {
        gains.push_back(!better[i] ? better[i] : !worse[i] ? worse[i] : measured(better[i].value - worse[i].value));
      }
      return mean_of_measures(gains, patients, request_.resampling);
    };
    one.deletion_gain = gain(random.deletion, one.deletion);
    one.insertion_gain = gain(one.insertion, random.insertion);
    one.deletion_gain_blur = gain(random.deletion_blur, one.deletion_blur);
    one.insertion_gain_blur = gain(one.insertion_blur, random.insertion_blur);
  }

  SecondReader second_reader() const {
    std::vector<Measure> ious;
    std::vector<std::string> patients;
    std::size_t hits = 0;
    for (const MarkedFinding& finding : request_.findings) {
      if (!finding.second) continue;
      const SurveyCase& one = request_.cases[finding.case_index];
      const int cols = static_cast<int>(one.input.shape[2]);
      const PixelBox box = bounding_box(finding.second->mask, cols);
      const int row = (box.row0 + box.row1) / 2, col = (box.col0 + box.col1) / 2;
      hits += finding.annotation.mask[static_cast<std::size_t>(row * cols + col)] != 0 ? 1U : 0U;
      ious.push_back(measured(mask_iou(finding.annotation.mask, finding.second->mask)));
      patients.push_back(one.patient);
    }
    return {ious.size(), wilson(hits, ious.size()), mean_of_measures(ious, patients, request_.resampling)};
  }

  const SurveyRequest& request_;
  std::unique_ptr<SplitModel> scorer_;
  std::vector<Shown> deletion_cases_, gate_cases_;
  std::vector<MapSurvey> maps_, baselines_;
  std::vector<std::pair<int, int>> grid_of_, baseline_grid_;
  std::map<std::pair<int, int>, MapGrid> grids_;
  std::vector<std::vector<Plane>> deletion_maps_;  ///< of every measured kind of map, in order
};

}  // namespace

std::int64_t top_class(const std::vector<float>& logits) {
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

SurveyResult survey(const SurveyRequest& request) {
  if (request.layers.empty() || request.methods.empty() || request.cases.empty()) {
    throw Error(Error::Kind::kUsage, "nothing to survey: layers, methods and cases are needed");
  }
  return Survey(request).run();
}

}  // namespace rationale::explain
