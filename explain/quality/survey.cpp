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
    for (const std::string& name : request_.methods) {
      (find_map_method(name).level == Level::kInput ? at_input_ : at_layer_).push_back(name);
    }
    start();
    for (const std::string& layer : request_.layers) survey_layer(layer);
    survey_input();
    survey_occlusion();
    survey_baselines();
    compare_with_random();
    SurveyResult result;
    result.n_weight_layers = weight_layers(request_.model, request_.split.input_shape, request_.split.output).size();
    for (auto* some : {&maps_, &baselines_}) {
      for (MapSurvey& one : *some) result.maps.push_back(std::move(one));
    }
    result.second = second_reader();
    result.refused = std::move(refused_);
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

  /// The cases for deletion and for the gate, each with its top class.
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

  SplitOptions split_at(const std::string& layer) const {
    SplitOptions options = request_.split;
    options.layer = layer;
    return options;
  }

  /// The model that scores films, and what each film is explained for.
  void start() {
    scorer_ = load_split_model(request_.model, split_at(request_.layers.front()));
    choose_top_classes(*scorer_);
  }

  void survey_layer(const std::string& layer) {
    const FloatArray& any = request_.cases.front().input;
    const FloatArray activation = compute_activation(*load_split_model(request_.model, split_at(layer)), any);
    const MapGrid grid{static_cast<int>(activation.shape[2]), static_cast<int>(activation.shape[3]),
                       static_cast<int>(any.shape[1]), static_cast<int>(any.shape[2])};
    const std::pair cells(grid.cell_rows, grid.cell_cols);
    if (grids_.empty()) first_cells_ = cells;
    grids_.emplace(cells, grid);
    const std::size_t first = maps_.size();
    survey_methods(at_layer_, split_at(layer), [&](const Method&) { return cells; });
    for (std::size_t m = first; m < maps_.size(); ++m) {
      maps_[m].layer = layer;
      maps_[m].shape = activation.shape;
    }
  }

  /// Methods at the input: those that give every pixel a value of its own are compared at that resolution.
  void survey_input() {
    const FloatArray& any = request_.cases.front().input;
    const int rows = static_cast<int>(any.shape[1]), cols = static_cast<int>(any.shape[2]);
    survey_methods(at_input_, split_at({}), [&](const Method& method) {
      if (method.channels == Channels::kNone) return first_cells_;
      grids_.emplace(std::pair(rows, cols), MapGrid{rows, cols, rows, cols});
      return std::pair(rows, cols);
    });
  }

  /// Those that work there; the others are noted with their reason.
  std::vector<std::string> defined(const std::vector<std::string>& methods, const MapSource& source) {
    std::vector<std::string> result;
    for (const std::string& method : methods) {
      try {
        MapMaker(source, {method}).maps(request_.cases.front().input, {});
        result.push_back(method);
      } catch (const Error& error) {
        if (error.kind != Error::Kind::kRefused) throw;
        refused_.push_back({method, source.split.layer, error.what()});
      }
    }
    return result;
  }

  template <typename CellsOf>
  void survey_methods(const std::vector<std::string>& asked, const SplitOptions& split, const CellsOf& cells_of) {
    const MapSource source{request_.model, split, request_.grid, request_.settings};
    const std::vector<std::string> methods = defined(asked, source);
    if (methods.empty()) return;
    const std::string where = split.layer.empty() ? "the input" : split.layer;
    std::vector<MethodGate> gates;
    if (!gate_cases_.empty()) {
      say(fmt::format("sanity gate at {}", where));
      gates = randomisation_gate(gate_request(source, methods));
    }
    for (std::size_t m = 0; m < methods.size(); ++m) {
      say(fmt::format("{} at {}", methods[m], where));
      const Method& method = find_map_method(methods[m]);
      const MapMaker maker(source, {methods[m]});
      const auto make = [&](const Shown& one) {
        return as_plane(positive_map(maker.maps(input(one), one.target).front(), input(one), method.zero));
      };
      MapSurvey result = measure(make, *scorer_);
      result.method = methods[m];
      result.use = method.use;
      if (!gates.empty()) result.gate = gates[m];
      grid_of_.push_back(cells_of(method));
      maps_.push_back(std::move(result));
    }
  }

  FloatArray compute_activation(const SplitModel& model, const FloatArray& image) const {
    FloatArray batch = image;
    batch.shape.insert(batch.shape.begin(), 1);
    FloatArray activation = compute_maps(model, batch, {"activation", {}, request_.grid, {}});
    if (activation.shape.size() == 4) return activation;
    throw Error(Error::Kind::kRefused,
                fmt::format("layer \"{}\" returns [{}]: no rows and columns", model.facts().layer,
                            fmt::join(activation.shape, ", ")),
                "--layer", "choose a layer with rows and columns; `rationale layers` lists them")
        .with_code("no_places");
  }

  GateRequest gate_request(const MapSource& source, const std::vector<std::string>& methods) const {
    GateRequest gate;
    gate.source = source;
    gate.methods = methods;
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
    grid_of_.push_back(first_cells_);
    const std::vector<Plane>& occluded = deletion_maps_.back();
    for (std::size_t m = 0; m < maps_.size(); ++m) {
      maps_[m].occlusion = likeness(deletion_maps_[m], occluded);
      if (maps_[m].layer.empty()) continue;
      const auto first = std::find_if(maps_.begin(), maps_.end(),
                                      [&](const MapSurvey& map) { return map.method == maps_[m].method; });
      maps_[m].likeness = likeness(deletion_maps_[m], deletion_maps_[static_cast<std::size_t>(first - maps_.begin())]);
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
    add("centre", first_cells_, [grid = grids_.at(first_cells_)](const Shown&) { return centre_map(grid); });
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

  std::vector<SecondReader> second_reader() const {
    std::vector<std::string> names{{}};
    for (const MarkedFinding& finding : request_.findings) {
      const std::string& name = class_name(finding);
      if (finding.second && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    std::vector<SecondReader> readers;
    for (std::size_t i = 0; names.size() > 1 && i < names.size(); ++i) readers.push_back(second_reader(names[i]));
    return readers;
  }

  const std::string& class_name(const MarkedFinding& finding) const {
    return request_.classes.at(static_cast<std::size_t>(finding.class_index));
  }

  /// @param name  of a finding; empty: all
  SecondReader second_reader(const std::string& name) const {
    std::vector<Measure> ious, aucs;
    std::vector<std::string> patients;
    std::vector<double> hits;
    for (const MarkedFinding& finding : request_.findings) {
      if (!finding.second || (!name.empty() && class_name(finding) != name)) continue;
      const SurveyCase& one = request_.cases[finding.case_index];
      const int cols = static_cast<int>(one.input.shape[2]);
      const PixelBox box = bounding_box(finding.second->mask, cols);
      const int row = (box.row0 + box.row1) / 2, col = (box.col0 + box.col1) / 2;
      hits.push_back(finding.annotation.mask[static_cast<std::size_t>(row * cols + col)] != 0 ? 1 : 0);
      ious.push_back(measured(mask_iou(finding.annotation.mask, finding.second->mask)));
      const std::vector<float> as_map(finding.second->mask.begin(), finding.second->mask.end());
      aucs.push_back(pixel_auc(as_map, finding.annotation.mask));
      patients.push_back(one.patient);
    }
    return {name, ious.size(), rate_over_patients(hits, patients), mean_of_measures(ious, patients, request_.resampling),
            mean_of_measures(aucs, patients, request_.resampling)};
  }

  const SurveyRequest& request_;
  std::unique_ptr<SplitModel> scorer_;
  std::vector<Shown> deletion_cases_, gate_cases_;
  std::vector<MapSurvey> maps_, baselines_;
  std::vector<RefusedMap> refused_;
  std::vector<std::string> at_layer_, at_input_;  ///< the methods
  std::vector<std::pair<int, int>> grid_of_, baseline_grid_;
  std::pair<int, int> first_cells_;  ///< of the first layer
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
