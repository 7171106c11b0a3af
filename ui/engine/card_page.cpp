#include "ui/engine/card_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "data/base/version.h"
#include "data/page/html.h"
#include "data/page/style.h"
#include "data/plot/cascade.h"
#include "data/plot/number_text.h"
#include "data/plot/share_rows.h"
#include "data/plot/svg.h"
#include "ui/engine/card_fields.h"
#include "ui/engine/card_findings.h"

namespace rationale::ui {
namespace {

using explain::Agreement;
using explain::Estimate;
using explain::GateVerdict;
using explain::MapSurvey;

/// What this page needs beside the common sheet: the table of films.
constexpr const char* kFilmsCss = R"css(table.films{table-layout:fixed}
table.films td,table.films th{border:0;vertical-align:top;padding:6px 14px 6px 0;font-size:12px}
table.films thead th{color:var(--soft);border-bottom:0;padding-bottom:2px}
table.films th b,table.films tbody th{color:var(--ink)}
table.films tbody th span{display:block;color:var(--soft);font-size:11.5px}
table.films img{display:block;max-width:150px;height:auto;background:#000}
table.films img.key{width:96px;height:7px;margin-top:3px}
table.films td span{display:block;color:var(--soft);font-size:11.5px;margin-top:2px}
tbody th .id{display:block;font-weight:400}
@media print{table.films img{max-width:96px}table.films td,table.films th{padding:3pt 8pt 3pt 0;font-size:7.6pt}
section:has(.films),table.films,section.sweep,section.sweep table{break-inside:auto}}
)css";

std::string escaped(const std::string& text) { return escape_markup(text); }

std::string sentence_case(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

/// " <b>text</b>"; nothing for no text.
std::string bold(const std::string& text) { return text.empty() ? text : " <b>" + escaped(text) + "</b>"; }

std::string identity(const Surveyed& one) {
  const explain::SurveyRequest& request = one.input.request;
  std::string text = fmt::format(
      "<div class=\"over\"><span>Rationale · model card</span><span>Model <b>{}</b> · TorchScript · {} · {} × "
      "{}</span></div>",
      escaped(one.input.card.name),
      request.classes.size() == 1 ? "one class" : fmt::format("{} classes", request.classes.size()),
      request.split.input_shape[2], request.split.input_shape[3]);
  text += "<h1>How far can this model’s heatmaps be trusted?</h1>";
  text += paragraph("sub",
                    fmt::format("{}; {} films for the randomisation gate, {} for insertion and deletion, of {} listed.",
                                request.findings.empty() ? "No finding was marked by a person"
                                                         : findings_text(one.input),
                                request.gate_cases.size(), request.deletion_cases.size(), one.input.n_cases));
  return text;
}

std::string head(const Surveyed& one) {
  std::string place = place_sentence(one);
  if (place.empty()) {
    place = "Nobody marked where the findings are: whether these maps point there cannot be said.";
  }
  std::string text = "<div class=\"head\"><div><p class=\"lab\">Localisation, all findings</p>" +
                     paragraph("big", escaped(place) + bold(place_verdict(one))) + paragraph("note", escaped(second_reader_sentence(one))) +
                     "</div><div>";
  text += "<p class=\"lab\">Gate and recommendation</p>";
  const MapSurvey* chosen = one.chosen.map;
  std::string advice = chosen == nullptr ? "<b>No map is recommended</b>: "
                                         : fmt::format("Recommended: <b>{}</b>. ", escaped(map_title(*chosen)));
  for (const std::string& reason : one.chosen.reasons) advice += escaped(sentence_case(reason)) + ". ";
  text += paragraph("mid", advice);
  for (const std::string& warning : one.chosen.warnings) {
    text += paragraph("note", "<span class=\"flag\">Note.</span> " + escaped(sentence_case(warning)) + ".");
  }
  return text + "</div></div>\n";
}

std::string films(const CardPictures& pictures) {
  if (pictures.columns.empty()) return {};
  std::string text =
      "<section><table class=\"films\"><caption>Methods and films</caption><thead><tr><th scope=\"col\"></th>";
  for (const CardColumn& column : pictures.columns) {
    text += fmt::format("<th scope=\"col\"><b>{}</b><br>{}</th>", escaped(column.title), escaped(column.note));
  }
  text += "</tr></thead><tbody>\n";
  for (const CardRow& row : pictures.rows) {
    text += "<tr><th scope=\"row\"><b>" + escaped(row.title) + "</b>";
    for (const std::string& words : {row.note, row.meaning}) {
      if (!words.empty()) text += "<span>" + escaped(words) + "</span>";
    }
    if (row.has_colours) {
      text += fmt::format("<img class=\"key\" src=\"{}\" alt=\"colours of the scale {}\">", escaped(pictures.colour_key),
                          escaped(row.scale));
    }
    if (!row.scale.empty()) text += "<span>" + escaped(row.scale) + "</span>";
    text += "</th>";
    for (const CardPicture& picture : row.pictures) {
      text += fmt::format("<td><img src=\"{}\" alt=\"{}\" width=\"150\"><span>{}</span></td>", escaped(picture.uri),
                          escaped(picture.alt), escaped(picture.caption));
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table>" +
         paragraph(
             "note",
             "One colour scale a row, ending at the row’s largest value, so weak evidence looks weak; what a value is "
             "stands below the row’s name, and only rows of one meaning can be compared; nothing is drawn below "
             "10\u00a0% of the scale. The keys show the colours on a middle grey. Films show what is burnt into them.") +
         "</section>\n";
}

/// A number, or its reason in the form of what is not estimable.
Cell number(const Estimate& estimate, std::string text) {
  if (estimate.mean) return {escape_markup(text), "n"};
  return {escape_markup("not estimable: " + estimate.mean.reason), "ne n"};
}

Cell nothing(const std::string& why) { return {escaped(why), "ne n"}; }

/// Never one base alone: the blurred one, and below it the zero one.
Cell both_bases(const Estimate& blur, const Estimate& zero) {
  if (!blur.mean || !zero.mean) return number(blur.mean ? zero : blur, {});
  return {fmt::format("{}<br><span class=\"id\">{}</span>", escaped(gain_text(blur)), escaped(gain_text(zero))), "n"};
}

/// The map's name, and below it what it is made of.
Cell name_cell(const MapSurvey& map) {
  const std::string made_of = !map.layer.empty() ? fmt::format("{0}{3}×{3}{1}{3}×{3}{2}", map.shape[1], map.shape[2],
                                                               map.shape[3], kNoBreakSpace)
                              : map.is_baseline  ? "baseline"
                              : map.is_own()     ? "at the input"
                                                 : "intervention";
  return {fmt::format("{}<span class=\"id\">{}</span>", escaped(map_title(map)), made_of)};
}

void add_place_cells(const MapSurvey& map, std::vector<Cell>& cells) {
  if (map.agreement.empty()) {
    Cell cell = nothing("nobody marked findings");
    cell.columns = 3;
    cells.push_back(cell);
    return;
  }
  const Agreement& all = map.agreement.front();
  const bool is_chance = map.method == "uniform";
  cells.push_back(is_chance ? Cell{percent_text(all.pointing.mean.value) + " expected", "n"}
                            : number(all.pointing, hits_text(all.pointing)));
  cells.push_back(number(all.energy, share_text(all.energy)));
  cells.push_back(is_chance ? Cell{"0.50", "n"} : number(all.pixel_auc, value_text(all.pixel_auc)));
}

void add_order_cells(const MapSurvey& map, std::vector<Cell>& cells) {
  for (const auto& [blur, zero] : {std::pair{&map.insertion_gain_blur, &map.insertion_gain},
                                   std::pair{&map.deletion_gain_blur, &map.deletion_gain}}) {
    cells.push_back(map.insertion.empty()    ? nothing("not measured")
                    : map.method == "random" ? Cell{"0 by definition", "ne n"}
                                             : both_bases(*blur, *zero));
  }
}

void add_model_cells(const MapSurvey& map, std::vector<Cell>& cells) {
  if (!map.is_own()) {
    Cell cell = nothing(map.is_baseline ? "no map of the model" : "the check itself");
    cell.columns = 3;
    cells.push_back(cell);
    return;
  }
  const bool is_measured = !map.insertion.empty();
  cells.push_back(map.layer.empty() ? nothing("no layer")
                  : !is_measured    ? nothing("not measured")
                                    : number(map.likeness, fixed_text(map.likeness.mean.value, 2)));
  cells.push_back(is_measured ? number(map.occlusion, fixed_text(map.occlusion.mean.value, 2)) : nothing("not measured"));
  if (!map.gate) {
    cells.push_back(nothing("not run"));
    return;
  }
  const Estimate& last = map.gate->stages.back().spearman;
  Cell cell = number(last, fixed_text(last.mean.value, 2));
  if (map.gate->verdict == GateVerdict::kFailed) cell = {cell.html + " fails", "n flag"};
  cells.push_back(cell);
}

std::string sweep(const Surveyed& one) {
  std::vector<std::string> rows;
  for (const MapSurvey& map : one.result.maps) {
    std::vector<Cell> cells{name_cell(map)};
    add_place_cells(map, cells);
    add_order_cells(map, cells);
    add_model_cells(map, cells);
    rows.push_back(table_row(cells, &map == one.chosen.map ? "lead" : ""));
  }
  return "<section class=\"sweep\">" +
         table("Layer sweep",
               {{"map"},
                {"peak in region", "n"},
                {"evidence in region", "n"},
                {"pixel AUC", "n"},
                {"insertion − random", "n"},
                {"random − deletion", "n"},
                {"ρ with<br>first layer", "n"},
                {"ρ with<br>occlusion", "n"},
                {"gate,<br>|ρ|", "n"}},
               rows) +
         paragraph(
             "note",
             "Insertion and deletion: area under the top class’s score against a random order, film by film; above "
             "zero is good. First line: blurred base, second line: zero base. Brackets: 95\u00a0% intervals over "
             "patients, of hit rates by Wilson with the effective number of cases.") +
         paragraph("note", escaped(best_sentence(one))) + paragraph("note", escaped(order_sentence(one))) +
         paragraph("note", escaped(occlusion_sentence(one))) + failed_gates(one) + "</section>\n";
}

std::optional<double> share_of(const MapSurvey* map, std::size_t f) {
  if (map == nullptr || f >= map->agreement.size() || !map->agreement[f].energy.mean) return std::nullopt;
  return map->agreement[f].energy.mean.value;
}

std::string localisation_figure(const Surveyed& one) {
  const MapSurvey* map = one.chosen.map;
  if (map == nullptr || map->agreement.size() < 2) return {};
  ShareRows chart;
  chart.id = "localisation";
  chart.title = "Localisation per finding";
  chart.hits_title = "peak in region";
  chart.caption = "● map, bar: 95\u00a0% over patients   □ chance = area   △ centre of the film   | edges";
  for (std::size_t f = 1; f < map->agreement.size(); ++f) {
    const Agreement& a = map->agreement[f];
    ShareRow row;
    row.name = a.finding;
    row.counts = fmt::format("{} {}", a.pointing.n, a.pointing.n == 1 ? "film" : "films");
    row.share = share_of(map, f);
    if (a.energy.lower) row.interval = {a.energy.lower.value, a.energy.upper.value};
    row.area = share_of(find_map(one, "uniform"), f);
    row.centre = share_of(find_map(one, "centre"), f);
    row.edges = share_of(find_map(one, "edges"), f);
    if (!row.share) row.words = "not estimable: " + a.energy.mean.reason;
    row.hits = fmt::format("{:.0f} of {}", a.pointing.mean.value * static_cast<double>(a.pointing.n), a.pointing.n);
    row.hits_interval =
        !a.pointing.lower ? "not estimable" : fmt::format("{}{}%", percent_range(a.pointing), kNoBreakSpace);
    chart.description += fmt::format("{}: {} of the map in the region, peak inside in {}. ", a.finding,
                                     row.share ? share_text(a.energy) : row.words, row.hits);
    chart.rows.push_back(std::move(row));
  }
  return figure("Localisation per finding", {paragraph("note", escaped(map_title(*map)))}, svg(share_rows_plot(chart)));
}

/// The recommended map, and of the others with as many stages the ones that end highest.
std::vector<const MapSurvey*> gate_lines(const Surveyed& one) {
  constexpr std::size_t kMostOthers = 4;
  std::vector<const MapSurvey*> lines;
  std::size_t n_stages = 0;
  for (const MapSurvey& map : one.result.maps) {
    if (map.gate) n_stages = std::max(n_stages, map.gate->stages.size());
  }
  for (const MapSurvey& map : one.result.maps) {
    if (!map.gate || map.gate->stages.size() < n_stages) continue;
    const bool is_complete = std::all_of(map.gate->stages.begin(), map.gate->stages.end(), [](const auto& stage) {
      return static_cast<bool>(stage.spearman.mean);
    });
    if (is_complete) lines.push_back(&map);
  }
  const auto end = [](const MapSurvey* map) { return map->gate->stages.back().spearman.mean.value; };
  std::stable_sort(lines.begin(), lines.end(), [&](const MapSurvey* a, const MapSurvey* b) {
    const bool is_a_chosen = a == one.chosen.map, is_b_chosen = b == one.chosen.map;
    return is_a_chosen != is_b_chosen ? is_a_chosen : end(a) > end(b);
  });
  if (lines.size() > kMostOthers + 1) lines.resize(kMostOthers + 1);
  return lines;
}

std::string gate_figure(const Surveyed& one) {
  Cascade chart;
  chart.id = "gate";
  chart.title = "Randomisation gate";
  chart.limit = explain::kMostSpearman;
  chart.limit_text = fmt::format("must end below {:.2f}", explain::kMostSpearman);
  chart.caption = "weight layers replaced by noise, counted from the output";
  for (const MapSurvey* map : gate_lines(one)) {
    CascadeLine line;
    line.is_lead = map == one.chosen.map;
    for (const explain::GateStage& stage : map->gate->stages) {
      line.values.push_back(stage.spearman.mean.value);
      if (chart.stages.size() < map->gate->stages.size()) {
        chart.stages.push_back(stage.n_layers == 0 ? "0" : std::to_string(stage.n_layers));
      }
    }
    const std::string where = map->layer.empty() ? std::string() : " " + map->layer;
    line.name = fmt::format("{}{} {}", method_title(map->method), where, fixed_text(line.values.back(), 2));
    chart.description += fmt::format("{}: ", map_title(*map));
    for (std::size_t s = 0; s < line.values.size(); ++s) {
      chart.description += fmt::format("{}{} {}", s == 0 ? "" : ", ", chart.stages[s], fixed_text(line.values[s], 2));
    }
    chart.description += ". ";
    chart.lines.push_back(std::move(line));
  }
  if (chart.lines.empty()) return {};
  return figure("Randomisation gate", {paragraph("note", escaped(gate_sentence(one)))}, svg(cascade_plot(chart)));
}

std::string limits(const Surveyed& one) {
  std::string text =
      "A map shows where a score comes from in a layer, not why, and not the outline of a lesion; concepts and "
      "occlusion "
      "answer other questions. Marked regions are one person’s opinion unless a second one is named. Peaks and shares "
      "are "
      "measured on maps up-sampled to the input. Passing the gate says that a map depends on the weights, not that it "
      "is "
      "right. Deletion and insertion make films that no scanner makes, and depend on the base. Not for clinical use.";
  std::string notes = paragraph("text", escaped(refused_sentence(one)));
  for (const std::string& note : one.input.notes) notes += paragraph("text", escaped(note));
  return "<section><h2>Limits</h2>" + paragraph("text", text) + notes + "</section>\n";
}

std::string digests(const Surveyed& one) {
  const explain::SurveyRequest& request = one.input.request;
  return paragraph(
      "id", fmt::format(
                "Model sha256 <span class=\"mono\">{}</span> · card sha256 <span class=\"mono\">{}</span> · seed {} · "
                "{} steps, blurred base sigma {} px · Rationale {}",
                escaped(one.input.card.model_sha256), escaped(one.input.card.card_sha256), request.seed,
                request.deletion.n_steps, fixed_text(request.deletion.blur_sigma_px, 0), version()));
}

}  // namespace

std::string card_page(const Surveyed& surveyed, const CardPictures& pictures) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Rationale model card: ";
  html += escaped(surveyed.input.card.name) + "</title><style>\n" + plot_css() + page_css() + kFilmsCss +
          "</style></head><body><main>\n";
  html += identity(surveyed) + head(surveyed) + films(pictures) + sweep(surveyed);
  html += "<div class=\"row c2b\">" + localisation_figure(surveyed) + gate_figure(surveyed) + "</div>\n";
  html += finding_table(surveyed) + receptive_field_section(surveyed) + limits(surveyed) + digests(surveyed);
  return html + "</main></body></html>\n";
}

}  // namespace rationale::ui
