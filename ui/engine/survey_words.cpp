#include "ui/engine/survey_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "data/plot/number_text.h"

namespace rationale::ui {
namespace {

using explain::Estimate;
using explain::GateVerdict;
using explain::MapSurvey;

std::string missing(const explain::Measure& measure) { return "not estimable: " + measure.reason; }

std::size_t hits(const Estimate& pointing) {
  return static_cast<std::size_t>(std::lround(pointing.mean.value * static_cast<double>(pointing.n)));
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

/// Maps of the model's own layers.
std::vector<const MapSurvey*> own_maps(const Surveyed& surveyed) {
  std::vector<const MapSurvey*> maps;
  for (const MapSurvey& map : surveyed.result.maps) {
    if (!map.is_baseline && !map.layer.empty()) maps.push_back(&map);
  }
  return maps;
}

/// The baselines' best value of a measure of localisation, and its name.
std::pair<const MapSurvey*, double> best_baseline(const Surveyed& surveyed, Estimate explain::Agreement::*measure) {
  std::pair<const MapSurvey*, double> best{nullptr, 0};
  for (const MapSurvey& map : surveyed.result.maps) {
    if (!map.is_baseline || map.agreement.empty()) continue;
    const Estimate& value = map.agreement.front().*measure;
    if (value.mean && (best.first == nullptr || value.mean.value > best.second)) best = {&map, value.mean.value};
  }
  return best;
}

}  // namespace

std::string method_title(const std::string& name) {
  for (const auto& [known, title] : {std::pair{"grad_cam", "Grad-CAM"},
                                     {"hires_cam", "HiResCAM"},
                                     {"layer_cam", "LayerCAM"},
                                     {"grad_cam_pp", "Grad-CAM++"},
                                     {"xgrad_cam", "XGrad-CAM"},
                                     {"score_cam", "Score-CAM"},
                                     {"ablation_cam", "Ablation-CAM"},
                                     {"eigen_cam", "Eigen-CAM"},
                                     {"layer_ig", "layer IG"},
                                     {"occlusion", "Occlusion"},
                                     {"centre", "Centre of the film"},
                                     {"edges", "Edges"},
                                     {"random", "Random"},
                                     {"uniform", "Chance (uniform)"}}) {
    if (name == known) return title;
  }
  return name;
}

std::string map_title(const MapSurvey& map) {
  if (!map.layer.empty()) return method_title(map.method) + " at " + map.layer;
  if (map.is_baseline && map.shape.size() == 4) {
    return fmt::format("{} ({} × {})", method_title(map.method), map.shape[2], map.shape[3]);
  }
  return method_title(map.method);
}

std::string percent_range(const Estimate& share) {
  return fixed_text(100 * share.lower.value, 0) + " to " + fixed_text(100 * share.upper.value, 0);
}

std::string hits_text(const Estimate& pointing) {
  if (!pointing.mean) return missing(pointing.mean);
  return fmt::format("{} of {} ({}{}%)", hits(pointing), pointing.n, percent_range(pointing), kNoBreakSpace);
}

std::string share_text(const Estimate& share) {
  if (!share.mean) return missing(share.mean);
  if (!share.lower) return percent_text(share.mean.value, 0);
  return fmt::format("{} ({})", percent_text(share.mean.value, 0), percent_range(share));
}

std::string value_text(const Estimate& value, int decimals) {
  if (!value.mean) return missing(value.mean);
  const std::string mean = fixed_text(value.mean.value, decimals);
  if (!value.lower) return mean;
  return fmt::format("{} ({} to {})", mean, fixed_text(value.lower.value, decimals),
                     fixed_text(value.upper.value, decimals));
}

std::string gain_text(const Estimate& gain) {
  if (!gain.mean) return missing(gain.mean);
  if (!gain.lower) return signed_text(gain.mean.value, 2);
  return fmt::format("{} ({} to {})", signed_text(gain.mean.value, 2), signed_text(gain.lower.value, 2),
                     signed_text(gain.upper.value, 2));
}

const MapSurvey* find_map(const Surveyed& surveyed, const std::string& method, const std::string& layer) {
  for (const MapSurvey& map : surveyed.result.maps) {
    if (map.method == method && (layer.empty() || map.layer == layer)) return &map;
  }
  return nullptr;
}

std::string place_sentence(const Surveyed& surveyed) {
  const std::vector<const MapSurvey*> maps = own_maps(surveyed);
  if (surveyed.input.request.findings.empty() || maps.empty()) return {};
  const MapSurvey* best = *std::max_element(maps.begin(), maps.end(), [](const MapSurvey* a, const MapSurvey* b) {
    return a->agreement.front().pointing.mean.value < b->agreement.front().pointing.mean.value;
  });
  const MapSurvey* shown = surveyed.chosen.map != nullptr ? surveyed.chosen.map : maps.front();
  const Estimate& own = shown->agreement.front().pointing;
  const auto [baseline, rate] = best_baseline(surveyed, &explain::Agreement::pointing);
  std::string text = fmt::format("The peak of {} lies in the marked region in {}", map_title(*shown), hits_text(own));
  if (baseline != nullptr) {
    const Estimate& other = baseline->agreement.front().pointing;
    text += baseline->method == "uniform"
                ? fmt::format("; a peak put anywhere would hit {}.", percent_text(rate, 0))
                : fmt::format("; of the maps that know nothing of the model, {} does best: {}.", map_title(*baseline),
                              hits_text(other));
    const Estimate& top = best->agreement.front().pointing;
    if (top.mean.value > own.mean.value)
      text += fmt::format(" The best of all layers and methods here is {}: {}.", map_title(*best), hits_text(top));
    if (top.mean.value <= rate) {
      text +=
          " No map finds the marked place better than one that knows nothing of the model: do not present these maps "
          "as the place of the finding.";
    } else if (own.lower.value > rate) {
      text += " That is better than any of them.";
    } else {
      text += " So few films do not show that this is better.";
    }
  }
  return text;
}

std::string order_sentence(const Surveyed& surveyed) {
  if (surveyed.input.request.deletion_cases.empty()) return "Deletion and insertion were not measured.";
  std::string text;
  bool is_divided = false;
  for (const auto& [what, zero_base, blurred_base] :
       {std::tuple{"Insertion", &MapSurvey::insertion_gain, &MapSurvey::insertion_gain_blur},
        std::tuple{"Deletion", &MapSurvey::deletion_gain, &MapSurvey::deletion_gain_blur}}) {
    std::vector<std::string> both, only_blur, only_zero, neither, worse;
    for (const MapSurvey* map : own_maps(surveyed)) {
      const bool zero = explain::is_gain(map->*zero_base), blur = explain::is_gain(map->*blurred_base);
      (zero && blur ? both : blur ? only_blur : zero ? only_zero : neither).push_back(map_title(*map));
      if (explain::is_loss(map->*zero_base) || explain::is_loss(map->*blurred_base)) worse.push_back(map_title(*map));
    }
    is_divided = is_divided || !only_blur.empty() || !only_zero.empty();
    for (const auto& [names, how] : {std::pair{&both, "beats a random order of the same resolution with both bases"},
                                     std::pair{&only_blur, "beats a random order with the blurred base only"},
                                     std::pair{&only_zero, "beats a random order with the zero base only"},
                                     std::pair{&neither, "is not shown to beat a random order with either base"},
                                     std::pair{&worse, "is worse than random with at least one base"}}) {
      if (names->empty()) continue;
      if (!text.empty()) text += ' ';
      text += fmt::format("{} {}: {}.", what, how, list(*names));
    }
  }
  if (is_divided) text += " Where the bases disagree, the figure is about the base as much as about the map.";
  return text;
}

std::string gate_sentence(const Surveyed& surveyed) {
  std::vector<std::string> passed, failed, unknown, same;
  for (const MapSurvey* map : own_maps(surveyed)) {
    if (!map->gate) continue;
    const std::string name =
        map->gate->stages.back().spearman.mean
            ? fmt::format("{} ({})", map_title(*map), fixed_text(map->gate->stages.back().spearman.mean.value, 2))
            : map_title(*map);
    (map->gate->verdict == GateVerdict::kPassed   ? passed
     : map->gate->verdict == GateVerdict::kFailed ? failed
                                                  : unknown)
        .push_back(name);
    const Estimate& other = map->gate->other_class;
    if (other.mean && other.mean.value >= 0.9) same.push_back(map_title(*map));
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& names, const std::string& what) {
    if (!names.empty()) text += (text.empty() ? "" : " ") + what + ": " + list(names) + ".";
  };
  add(passed, "Passed the randomisation gate (mean |ρ| after all weights were replaced)");
  add(failed, "Fails the sanity check for this model");
  add(unknown, "The gate could not be judged");
  add(same, "Nearly the same for another class, so no explanation of one in particular");
  return text.empty() ? "The randomisation gate was not run." : text;
}

std::string occlusion_sentence(const Surveyed& surveyed) {
  const MapSurvey *shown = surveyed.chosen.map, *occlusion = find_map(surveyed, "occlusion");
  if (shown == nullptr || !shown->occlusion.mean) return {};
  const double rho = shown->occlusion.mean.value;
  std::string text = fmt::format("{} and what occlusion finds (an intervention) have a rank correlation of {}: {}.",
                                 map_title(*shown), value_text(shown->occlusion),
                                 rho >= 0.6   ? "they largely agree"
                                 : rho >= 0.3 ? "they agree in part"
                                              : "they hardly agree, so neither may be read as the cause");
  if (occlusion != nullptr && occlusion->deletion_gain_blur.mean && shown->deletion_gain_blur.mean) {
    text += fmt::format(
        " Against a random order, blurring what occlusion names first lowers the score by {}, what the map "
        "names first by {}.",
        gain_text(occlusion->deletion_gain_blur), gain_text(shown->deletion_gain_blur));
  }
  return text;
}

std::string second_reader_sentence(const Surveyed& surveyed) {
  const explain::SecondReader& second = surveyed.result.second;
  if (second.n == 0) return {};
  return fmt::format(
      "A second person marked {} of the findings: the middle of that region lies in the first one's in {}, "
      "their regions overlap by {} (IoU). No map can be asked to do better.",
      second.n, hits_text(second.pointing), value_text(second.iou));
}

}  // namespace rationale::ui
