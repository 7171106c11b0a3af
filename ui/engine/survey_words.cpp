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

/// Maps of the methods under test.
std::vector<const MapSurvey*> own_maps(const Surveyed& surveyed) {
  std::vector<const MapSurvey*> maps;
  for (const MapSurvey& map : surveyed.result.maps) {
    if (map.is_own()) maps.push_back(&map);
  }
  return maps;
}

/// "HiResCAM (tail, blocks.10) and RISE": each method once, with its layers. @param figure  behind a layer's name
template <typename Figure>
std::string by_method(const std::vector<const MapSurvey*>& maps, const Figure& figure) {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> details;
  for (const MapSurvey* map : maps) {
    const std::string title = method_title(map->method), number = figure(*map);
    const auto at = static_cast<std::size_t>(std::find(titles.begin(), titles.end(), title) - titles.begin());
    if (at == titles.size()) {
      titles.push_back(title);
      details.emplace_back();
    }
    std::string detail = map->layer;
    if (!number.empty()) detail += (detail.empty() ? "" : " ") + number;
    if (!detail.empty()) details[at].push_back(std::move(detail));
  }
  for (std::size_t i = 0; i < titles.size(); ++i) {
    if (!details[i].empty()) titles[i] += fmt::format(" ({})", fmt::join(details[i], ", "));
  }
  return list(titles);
}

std::string by_method(const std::vector<const MapSurvey*>& maps) {
  return by_method(maps, [](const MapSurvey&) { return std::string(); });
}

/// The map with the largest value of a measure, or nullptr. @param value  of a map: an Estimate
template <typename Value>
const MapSurvey* largest(const std::vector<const MapSurvey*>& maps, const Value& value) {
  const MapSurvey* best = nullptr;
  for (const MapSurvey* map : maps) {
    if (value(*map).mean && (best == nullptr || value(*map).mean.value > value(*best).mean.value)) best = map;
  }
  return best;
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
                                     {"layer_ig", "Layer IG"},
                                     {"layer_occlusion", "Layer occlusion"},
                                     {"eigen_cam_centered", "Eigen-CAM, centred"},
                                     {"input_gradient", "Gradient"},
                                     {"input_x_gradient", "Input × gradient"},
                                     {"ig_gauss_legendre", "Integrated gradients"},
                                     {"ig_trapezoid", "Integrated gradients, trapezoid"},
                                     {"smooth_grad", "SmoothGrad"},
                                     {"rise", "RISE"},
                                     {"h_shap", "h-Shap"},
                                     {"occlusion_pixel", "Occlusion, zero base"},
                                     {"guided_backprop", "Guided backprop"},
                                     {"deconvolution", "Deconvolution"},
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
  const std::string counts = fmt::format("{} of {}", hits(pointing), pointing.n);
  if (!pointing.lower) return counts;
  return fmt::format("{} ({}{}%)", counts, percent_range(pointing), kNoBreakSpace);
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

std::string findings_text(const SurveyInput& input) {
  const std::size_t n = input.request.findings.size();
  if (input.n_left_out == 0) return fmt::format("{} marked findings", n);
  return fmt::format("{} of {} marked findings", n, n + input.n_left_out);
}

std::string place_sentence(const Surveyed& surveyed) {
  const std::vector<const MapSurvey*> maps = own_maps(surveyed);
  if (surveyed.input.request.findings.empty() || maps.empty()) return {};
  const MapSurvey* best = largest(maps, [](const MapSurvey& map) { return map.agreement.front().pointing; });
  const MapSurvey* shown = surveyed.chosen.map != nullptr ? surveyed.chosen.map : maps.front();
  const Estimate& own = shown->agreement.front().pointing;
  const auto [baseline, rate] = best_baseline(surveyed, &explain::Agreement::pointing);
  std::string text = fmt::format("The peak of {} lies in the marked region in {}", map_title(*shown), hits_text(own));
  text += baseline->method == "uniform"
              ? fmt::format("; a peak put anywhere would hit {}.", percent_text(rate, 0))
              : fmt::format("; of the maps that know nothing of the model, {} does best: {}.", map_title(*baseline),
                            hits_text(baseline->agreement.front().pointing));
  const Estimate& top = best->agreement.front().pointing;
  if (top.mean.value > own.mean.value) {
    text += fmt::format(" The best of all {} maps here is {}: {}.", maps.size(), map_title(*best), hits_text(top));
  }
  const MapSurvey* known = find_map(surveyed, "grad_cam", surveyed.input.request.layers.front());
  if (known != nullptr && known != shown) {
    text += fmt::format(" {}, which most readers know: {}.", map_title(*known), hits_text(known->agreement.front().pointing));
  }
  return text;
}

std::string place_verdict(const Surveyed& surveyed) {
  const std::vector<const MapSurvey*> maps = own_maps(surveyed);
  if (surveyed.input.request.findings.empty() || maps.empty()) return {};
  const MapSurvey* shown = surveyed.chosen.map != nullptr ? surveyed.chosen.map : maps.front();
  const Estimate& own = shown->agreement.front().pointing;
  const auto [baseline, rate] = best_baseline(surveyed, &explain::Agreement::pointing);
  if (own.mean.value <= rate) {
    const bool reacts = shown->gate && shown->gate->verdict == GateVerdict::kPassed;
    return fmt::format("{} marked place better than {} does, which knows nothing of the model: do not present it as the "
                       "place of the finding.",
                       reacts ? "The map reacts to what the model has learnt, but on these films it does not find the"
                              : "On these films it does not find the",
                       baseline->method == "uniform" ? "chance" : map_title(*baseline));
  }
  if (own.lower.value > rate) return "That is better than any map that knows nothing of the model.";
  return "So few films do not show that this is better than a map that knows nothing of the model.";
}

std::string order_sentence(const Surveyed& surveyed) {
  if (surveyed.input.request.deletion_cases.empty()) return "Deletion and insertion were not measured.";
  std::string text;
  bool is_divided = false;
  for (const auto& [what, zero_base, blurred_base] :
       {std::tuple{"Insertion", &MapSurvey::insertion_gain, &MapSurvey::insertion_gain_blur},
        std::tuple{"Deletion", &MapSurvey::deletion_gain, &MapSurvey::deletion_gain_blur}}) {
    std::vector<const MapSurvey*> both, only_blur, only_zero, neither, worse;
    for (const MapSurvey* map : own_maps(surveyed)) {
      const bool zero = explain::is_gain(map->*zero_base), blur = explain::is_gain(map->*blurred_base);
      (zero && blur ? both : blur ? only_blur : zero ? only_zero : neither).push_back(map);
      if (explain::is_loss(map->*zero_base) || explain::is_loss(map->*blurred_base)) worse.push_back(map);
    }
    is_divided = is_divided || !only_blur.empty() || !only_zero.empty();
    for (const auto& [names, how] : {std::pair{&both, "beats a random order of the same resolution with both bases"},
                                     std::pair{&only_blur, "beats a random order with the blurred base only"},
                                     std::pair{&only_zero, "beats a random order with the zero base only"},
                                     std::pair{&neither, "is not shown to beat a random order with either base"},
                                     std::pair{&worse, "is worse than random with at least one base"}}) {
      if (names->empty()) continue;
      if (!text.empty()) text += ' ';
      text += fmt::format("{} {}: {}.", what, how, by_method(*names));
    }
  }
  if (is_divided) text += " Where the bases disagree, the figure is about the base as much as about the map.";
  return text;
}

std::string best_sentence(const Surveyed& surveyed) {
  const std::vector<const MapSurvey*> maps = own_maps(surveyed);
  if (maps.size() < 2) return {};
  std::vector<std::string> parts;
  if (!surveyed.input.request.findings.empty()) {
    const auto auc = [](const MapSurvey& map) { return map.agreement.front().pixel_auc; };
    if (const MapSurvey* best = largest(maps, auc)) {
      const auto [baseline, value] = best_baseline(surveyed, &explain::Agreement::pixel_auc);
      std::string part = fmt::format("largest pixel AUC {} {}", map_title(*best), value_text(auc(*best)));
      if (baseline != nullptr) part += fmt::format(" (without the model: {} {})", map_title(*baseline), fixed_text(value, 2));
      parts.push_back(part);
    }
  }
  for (const auto& [what, gain] : {std::pair{"insertion", &MapSurvey::insertion_gain_blur},
                                   std::pair{"deletion", &MapSurvey::deletion_gain_blur}}) {
    const auto value = [gain = gain](const MapSurvey& map) { return map.*gain; };
    if (surveyed.input.request.deletion_cases.empty()) continue;
    if (const MapSurvey* best = largest(maps, value)) {
      parts.push_back(fmt::format("largest gain of {} over a random order (blurred base) {} {}", what, map_title(*best),
                                  gain_text(best->*gain)));
    }
  }
  if (parts.empty()) return {};
  return fmt::format("Of {} maps: {}. The best of many is flattered by being chosen: its interval does not count that.",
                     maps.size(), fmt::join(parts, "; "));
}

std::string gate_sentence(const Surveyed& surveyed) {
  std::vector<const MapSurvey*> passed, failed, unknown, same, other_by_shown;
  for (const MapSurvey* map : own_maps(surveyed)) {
    if (!map->gate) continue;
    (map->gate->verdict == GateVerdict::kPassed   ? passed
     : map->gate->verdict == GateVerdict::kFailed ? failed
                                                  : unknown)
        .push_back(map);
    const Estimate& other = map->gate->other_class;
    if (other.mean && other.mean.value >= 0.9) same.push_back(map);
    const Estimate& shown = map->gate->shown_spearman;
    if (map->gate->verdict == GateVerdict::kPassed && shown.mean && shown.mean.value >= explain::kMostSpearman) {
      other_by_shown.push_back(map);
    }
  }
  std::string text;
  const auto add = [&](const std::vector<const MapSurvey*>& maps, const std::string& what, const auto& figure) {
    if (!maps.empty()) text += (text.empty() ? "" : " ") + what + ": " + by_method(maps, figure) + ".";
  };
  const auto end = [](const MapSurvey& map) {
    const explain::Measure& last = map.gate->stages.back().spearman.mean;
    return last ? fixed_text(last.value, 2) : std::string();
  };
  const auto none = [](const MapSurvey&) { return std::string(); };
  add(passed, "Passed the randomisation gate (mean |ρ| after all weights were replaced)", end);
  add(failed, "Fails the sanity check for this model (likewise)", end);
  add(unknown, "The gate could not be judged", none);
  add(same, "Nearly the same for another class, so no explanation of one in particular", none);
  add(other_by_shown, "Passed on raw maps, though what is shown (positive, up-sampled) still follows the film (mean |ρ|)",
      [](const MapSurvey& map) { return fixed_text(map.gate->shown_spearman.mean.value, 2); });
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

std::string refused_sentence(const Surveyed& surveyed) {
  std::vector<std::string> parts;
  for (const explain::RefusedMap& one : surveyed.result.refused) {
    parts.push_back(fmt::format("{}{}{} ({})", method_title(one.method), one.layer.empty() ? "" : " at ", one.layer,
                                one.reason));
  }
  return parts.empty() ? std::string() : "Not defined here: " + list(parts) + ".";
}

std::string second_reader_sentence(const Surveyed& surveyed) {
  if (surveyed.result.second.empty()) return {};
  const explain::SecondReader& second = surveyed.result.second.front();
  return fmt::format(
      "A second person marked {} of the findings: the middle of that region lies in the first one's in {}, "
      "their regions overlap by {} (IoU), pixel AUC {}. No map can be asked to do better.",
      second.n, hits_text(second.pointing), value_text(second.iou), value_text(second.pixel_auc));
}

}  // namespace rationale::ui
