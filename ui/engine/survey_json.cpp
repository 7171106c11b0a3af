#include "ui/engine/survey_json.h"

#include "ui/engine/gate_json.h"
#include "ui/engine/measure_json.h"

namespace rationale::ui {
namespace {

using nlohmann::ordered_json;

ordered_json agreement_json(const explain::Agreement& one) {
  return {{"finding", one.finding},
          {"pointing", as_json(one.pointing)},
          {"energy_in_mask", as_json(one.energy)},
          {"iou_top_area", as_json(one.iou_top_area)},
          {"iou_thr50", as_json(one.iou_thr50)},
          {"pixel_auc", as_json(one.pixel_auc)}};
}

ordered_json second_json(const explain::SecondReader& one) {
  return {{"n", one.n},
          {"pointing", as_json(one.pointing)},
          {"iou", as_json(one.iou)},
          {"pixel_auc", as_json(one.pixel_auc)}};
}

ordered_json map_json(const explain::MapSurvey& map) {
  ordered_json agreement = ordered_json::array();
  for (const explain::Agreement& one : map.agreement) agreement.push_back(agreement_json(one));
  ordered_json object{{"layer", map.layer},
                      {"method", map.method},
                      {"baseline", map.is_baseline},
                      {"shape", map.shape},
                      {"agreement", agreement}};
  if (!map.deletion.empty()) {
    object["deletion_gain"] = as_json(map.deletion_gain);
    object["insertion_gain"] = as_json(map.insertion_gain);
    object["deletion_gain_blur"] = as_json(map.deletion_gain_blur);
    object["insertion_gain_blur"] = as_json(map.insertion_gain_blur);
  }
  if (map.is_own() && !map.deletion.empty()) {
    if (!map.layer.empty()) object["likeness_to_first_layer"] = as_json(map.likeness);
    object["likeness_to_occlusion"] = as_json(map.occlusion);
  }
  if (map.gate) object["gate"] = as_json(*map.gate);
  return object;
}

}  // namespace

ordered_json as_json(const SurveyInput& input, const explain::SurveyResult& result,
                     const explain::Recommendation& chosen) {
  const explain::SurveyRequest& request = input.request;
  ordered_json maps = ordered_json::array();
  for (const explain::MapSurvey& map : result.maps) maps.push_back(map_json(map));
  ordered_json refused = ordered_json::array();
  for (const explain::RefusedMap& one : result.refused) {
    refused.push_back({{"method", one.method}, {"layer", one.layer}, {"reason", one.reason}});
  }
  ordered_json recommendation{{"reasons", chosen.reasons}, {"warnings", chosen.warnings}};
  if (chosen.map != nullptr) {
    recommendation["method"] = chosen.map->method;
    recommendation["layer"] = chosen.map->layer;
  } else {
    recommendation["method"] = not_estimable("no_map_passes", chosen.reasons.front());
  }
  ordered_json second = not_estimable("one_annotator", "no finding was marked by two people");
  if (!result.second.empty()) {
    second = second_json(result.second.front());
    second["findings"] = ordered_json::array();
    for (std::size_t i = 1; i < result.second.size(); ++i) {
      second["findings"].push_back(second_json(result.second[i]));
      second["findings"].back()["finding"] = result.second[i].finding;
    }
  }
  return {{"model", input.card.name},
          {"model_sha256", input.card.model_sha256},
          {"layers", request.layers},
          {"methods", request.methods},
          {"cases", input.n_cases},
          {"marks", input.marks},
          {"findings", request.findings.size()},
          {"findings_left_out", input.n_left_out},
          {"gate_films", request.gate_cases.size()},
          {"deletion_films", request.deletion_cases.size()},
          {"steps", request.deletion.n_steps},
          {"blur_sigma_px", request.deletion.blur_sigma_px},
          {"seed", request.seed},
          {"maps", maps},
          {"refused", refused},
          {"second_reader", second},
          {"recommendation", recommendation},
          {"notes", input.notes}};
}

}  // namespace rationale::ui
