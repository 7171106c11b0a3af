#include "ui/engine/validation_text.h"

#include <fmt/format.h>

#include <set>

#include "data/base/version.h"
#include "data/plot/number_text.h"

namespace rationale::ui {
namespace {

using explain::MapSurvey;

/// A cell: words may not break the table.
std::string cell(std::string text) {
  for (char& c : text) c = c == '|' || c == '\n' ? '/' : c;
  return text;
}

std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& one : cells) text += fmt::format(" {} |", cell(one));
  return text + "\n";
}

std::string table(const std::vector<std::string>& headings) {
  std::string text = row(headings) + "|";
  for (std::size_t i = 0; i < headings.size(); ++i) text += "---|";
  return text + "\n";
}

std::string bold_if(bool is_chosen, const std::string& text) { return is_chosen ? fmt::format("**{}**", text) : text; }

std::string localisation_table(const Surveyed& one) {
  std::string text = table({"map", "peak in region", "positive evidence in region", "IoU, same area", "pixel AUC"});
  for (const MapSurvey& map : one.result.maps) {
    if (map.agreement.empty()) continue;
    const explain::Agreement& all = map.agreement.front();
    // Chance has no peaks to count.
    const std::string pointing =
        map.method == "uniform" ? percent_text(all.pointing.mean.value) + " expected" : hits_text(all.pointing);
    text += row({bold_if(&map == one.chosen.map, map_title(map)), pointing, share_text(all.energy),
                 all.iou_top_area.mean ? value_text(all.iou_top_area) : "not defined", value_text(all.pixel_auc)});
  }
  return text;
}

const explain::SecondReader* second_for(const Surveyed& one, const std::string& finding) {
  for (const explain::SecondReader& second : one.result.second) {
    if (second.finding == finding) return &second;
  }
  return nullptr;
}

std::string finding_table(const Surveyed& one) {
  std::vector<std::string> headings{"finding", "films", "peak in region", "centre of the film",
                                    "positive evidence in region", "area of region", "IoU, same area", "IoU, half of peak",
                                    "pixel AUC"};
  if (!one.result.second.empty()) headings.insert(headings.end(), {"second person: IoU", "pixel AUC"});
  std::string text = table(headings);
  const MapSurvey* map = one.chosen.map;
  const MapSurvey *centre = find_map(one, "centre"), *uniform = find_map(one, "uniform");
  for (std::size_t f = 1; f < map->agreement.size(); ++f) {
    const explain::Agreement& a = map->agreement[f];
    std::vector<std::string> cells{a.finding,
                                   std::to_string(a.pointing.n),
                                   hits_text(a.pointing),
                                   hits_text(centre->agreement[f].pointing),
                                   share_text(a.energy),
                                   share_text(uniform->agreement[f].energy),
                                   value_text(a.iou_top_area),
                                   value_text(a.iou_thr50),
                                   value_text(a.pixel_auc)};
    if (!one.result.second.empty()) {
      const explain::SecondReader* second = second_for(one, a.finding);
      cells.push_back(second == nullptr ? "one person only" : value_text(second->iou));
      cells.push_back(second == nullptr ? "" : value_text(second->pixel_auc));
    }
    text += row(cells);
  }
  return text;
}

std::string order_table(const Surveyed& one) {
  std::string text = table({"map", "insertion, blur", "deletion, blur", "insertion, zero", "deletion, zero",
                            "ρ with first layer", "ρ with occlusion"});
  for (const MapSurvey& map : one.result.maps) {
    if (map.insertion.empty() || map.method == "random") continue;
    text += row({bold_if(&map == one.chosen.map, map_title(map)), gain_text(map.insertion_gain_blur),
                 gain_text(map.deletion_gain_blur), gain_text(map.insertion_gain), gain_text(map.deletion_gain),
                 map.layer.empty() ? "" : value_text(map.likeness), map.is_own() ? value_text(map.occlusion) : ""});
  }
  return text;
}

std::string gate_table(const Surveyed& one) {
  std::string text = table({"map", "mean abs. ρ at the end", "mean SSIM at the end", "as shown: ρ (films)", "as shown: SSIM",
                            "ρ with the map of another class", "same bytes again", "verdict"});
  for (const MapSurvey& map : one.result.maps) {
    if (!map.gate) continue;
    const explain::GateStage& last = map.gate->stages.back();
    const char* verdict = map.gate->verdict == explain::GateVerdict::kPassed   ? "passed"
                          : map.gate->verdict == explain::GateVerdict::kFailed ? "**fails**"
                                                                               : "not estimable";
    const explain::MethodGate& gate = *map.gate;
    const std::string shown = gate.shown_spearman.mean
                                  ? fmt::format("{} ({})", fixed_text(gate.shown_spearman.mean.value, 2), gate.shown_spearman.n)
                                  : value_text(gate.shown_spearman);
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", bold_if(&map == one.chosen.map, cell(map_title(map))),
                        value_text(last.spearman), value_text(last.ssim), shown,
                        gate.shown_ssim.mean ? fixed_text(gate.shown_ssim.mean.value, 2) : value_text(gate.shown_ssim),
                        value_text(gate.other_class), gate.is_repeatable ? "yes" : "**no**", verdict);
  }
  return text;
}

std::string bullet(const std::string& text) { return text.empty() ? std::string() : fmt::format("- {}\n", text); }

/// The figures, and in bold what follows.
std::string place_text(const Surveyed& one) {
  const std::string figures = place_sentence(one);
  return figures.empty() ? figures : figures + " " + bold_if(true, place_verdict(one));
}

std::size_t count_patients(const explain::SurveyRequest& request) {
  std::set<std::string> names;
  std::size_t n_unnamed = 0;
  for (const explain::MarkedFinding& finding : request.findings) {
    const std::string& patient = request.cases[finding.case_index].patient;
    n_unnamed += patient.empty() ? 1U : 0U;
    if (!patient.empty()) names.insert(patient);
  }
  return names.size() + n_unnamed;
}

std::string section(const Surveyed& one) {
  const explain::SurveyRequest& request = one.input.request;
  std::string text = fmt::format("## {}\n\n", one.input.card.name);
  text += fmt::format(
      "{}, input {} × {}, {} weight layers. {} of {} patients ({}), {} films in the gate, {} "
      "in "
      "deletion and insertion ({} steps; base zero, and blurred with sigma {:.0f} px). Model sha256 `{}`, seed {}.\n\n",
      request.classes.size() == 1 ? "One class" : fmt::format("{} classes", request.classes.size()),
      request.split.input_shape[2], request.split.input_shape[3], one.result.n_weight_layers, findings_text(one.input),
      count_patients(request), one.input.marks.empty() ? "none given" : one.input.marks, request.gate_cases.size(),
      request.deletion_cases.size(), request.deletion.n_steps, request.deletion.blur_sigma_px,
      one.input.card.model_sha256, request.seed);
  text += "**What the figures show**\n\n";
  text += bullet(place_text(one)) + bullet(best_sentence(one)) + bullet(order_sentence(one)) + bullet(gate_sentence(one)) +
          bullet(occlusion_sentence(one)) + bullet(second_reader_sentence(one));
  std::string advice;
  for (const std::string& reason : one.chosen.reasons) advice += (advice.empty() ? "" : "; ") + reason;
  for (const std::string& warning : one.chosen.warnings) advice += "; but " + warning;
  text += bullet("Recommended: " + advice + ".");
  text += bullet(refused_sentence(one));
  for (const std::string& note : one.input.notes) text += bullet(note);
  if (!request.findings.empty()) {
    text += "\n### Where: does the map lie in the marked region?\n\n" + localisation_table(one);
    if (one.chosen.map != nullptr) {
      text += fmt::format("\n{}, by finding:\n\n", map_title(*one.chosen.map)) + finding_table(one);
    }
  }
  if (!request.deletion_cases.empty()) {
    text +=
        "\n### Order: does the score follow the pixels that the map names?\n\nArea under the curve of the top class's "
        "score against a random order of the same resolution, film by film (map − random for insertion, random − map "
        "for "
        "deletion): above zero is good.\n\n" +
        order_table(one);
  }
  if (!request.gate_cases.empty()) {
    text += "\n### Gate: does the map change with the weights?\n\n" + gate_table(one);
  }
  return text + "\n";
}

}  // namespace

std::string validation_text(const std::vector<Surveyed>& models, const std::string& command) {
  std::string text =
      "# Are the heatmaps any good?\n\n"
      "Made by one command; every figure and every sentence below follows from its run:\n\n```\n" +
      command + "\n```\n\n";
  text += fmt::format(
      "Rationale {}. The recommended map of each model is bold. Brackets: 95 % intervals; of hit rates by "
      "Wilson with the effective number of cases, of all else by drawing patients with replacement (2,000 times).\n\n",
      version());
  for (const Surveyed& one : models) text += section(one);
  text +=
      "## How it was measured\n\n"
      "- Maps lose their negative values and are up-sampled to the input (half-pixel centres, bilinear) before they "
      "are "
      "measured; the gate compares raw, signed maps at the method's own resolution.\n"
      "- Methods at the input are measured once, whatever the layers. Attributions with channels are summed over them, "
      "gradients take the largest of |g|. Their random order has the input's own resolution.\n"
      "- Peak: the first largest pixel. A map without a positive value is a miss, never a hit.\n"
      "- Positive evidence in region: share of the map's positive sum. IoU, same area: as many top pixels as the "
      "region "
      "has. Pixel AUC: pixels inside against outside, ties one half.\n"
      "- Maps that know nothing of the model: the centre of the film (Gaussian, a quarter of the side), edges of the "
      "film and "
      "random cells, both as smooth as the layer's maps, and chance (the region's area).\n"
      "- Films for deletion and insertion: top class with a probability of 0.5 or more, explained for that class. "
      "Films of "
      "the gate: in a seeded order, one a patient, explained for their top class.\n"
      "- Gate (Adebayo et al. 2018): weights are replaced by normal noise of the same spread from the output layer "
      "back; "
      "passed if then mean |ρ| < 0.40 and mean SSIM < 0.30 over at least 20 films. Smooth maps with one peak are alike "
      "almost "
      "everywhere: where maps of different films have more than 0.30, that is the limit of SSIM. Why raw maps: "
      "`explain/quality/gate.h`. Beside it stand the same two of what is shown (positive, up-sampled; in brackets the "
      "films whose map is not empty on either side). Methods that take many runs see the first and the last stage "
      "only.\n"
      "- Occlusion: windows of a seventh of the side, steps of half a window, from the blurred film; fall of the "
      "logit.\n\n"
      "## What it does not show\n\n"
      "A map in the marked region need not be the reason of the decision, and a map outside of it need not be wrong: a "
      "model "
      "may use something else that is really there. Passing the gate says that a map depends on the weights, not that "
      "it is "
      "right. Deletion makes films that no scanner makes. Marks are one person's opinion unless a second one is named. "
      "Phantoms show that a method is not broken, not that it works on patients.\n";
  return text;
}

}  // namespace rationale::ui
