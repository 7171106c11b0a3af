#include "ui/engine/card_findings.h"

#include <algorithm>
#include <vector>

#include "data/page/html.h"
#include "data/plot/svg.h"

namespace rationale::ui {
namespace {

using explain::Estimate;
using explain::MapSurvey;

Cell cell(const Estimate& estimate, const std::string& text) {
  return {escape_markup(text), estimate.mean ? "n" : "ne n"};
}

const MapSurvey* shown_map(const Surveyed& one) {
  if (one.chosen.map != nullptr) return one.chosen.map;
  const auto own = std::find_if(one.result.maps.begin(), one.result.maps.end(),
                                [](const MapSurvey& map) { return map.is_own(); });
  return own == one.result.maps.end() ? nullptr : &*own;
}

}  // namespace

std::string finding_table(const Surveyed& one) {
  const MapSurvey* map = shown_map(one);
  if (map == nullptr || map->agreement.size() < 2) return {};
  std::vector<std::string> rows;
  for (std::size_t f = 1; f < map->agreement.size(); ++f) {
    const explain::Agreement& a = map->agreement[f];
    rows.push_back(table_row({{escape_markup(a.finding)},
                              cell(a.pointing, hits_text(a.pointing)),
                              cell(a.energy, share_text(a.energy)),
                              cell(a.iou_top_area, value_text(a.iou_top_area)),
                              cell(a.iou_thr50, value_text(a.iou_thr50)),
                              cell(a.pixel_auc, value_text(a.pixel_auc))},
                             ""));
  }
  return "<section>" +
         table("Each finding",
               {{"finding"},
                {"peak in region", "n"},
                {"evidence in region", "n"},
                {"IoU, region’s area", "n"},
                {"IoU, half of peak", "n"},
                {"pixel AUC", "n"}},
               rows) +
         paragraph("note", escape_markup(map_title(*map)) +
                               ". IoU: of the region with as many of the map’s strongest pixels as it has, and with those "
                               "above half of its peak; means. Brackets: 95\u00a0% intervals over patients, where there are "
                               "three or more.") +
         "</section>\n";
}

std::string failed_gates(const Surveyed& one) {
  std::string text;
  for (const MapSurvey& map : one.result.maps) {
    if (!map.gate || map.gate->verdict != explain::GateVerdict::kFailed) continue;
    text += paragraph("note", "<b>" + escape_markup(map_title(map)) + "</b>: " + escape_markup(map.gate->reason) + ".");
  }
  return text;
}

}  // namespace rationale::ui
