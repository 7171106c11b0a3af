#include "study/coordinator/example_cases.h"

#include <fmt/format.h>

#include "data/base/base64.h"
#include "data/base/error.h"
#include "data/cases/csv.h"
#include "data/image/overlay.h"
#include "data/image/png.h"
#include "data/image/window.h"
#include "study/coordinator/ai_outputs.h"
#include "study/coordinator/case_files.h"
#include "study/coordinator/items.h"
#include "study/log/bytes.h"
#include "study/report/example_choice.h"

namespace rationale::study {
namespace {

constexpr int kSide = 512;  ///< px of the longer side: sharp in print at a quarter of the page

Plane displayed(const ItemFilm& film) {
  Plane shown = film.values;
  for (float& value : shown.values) {
    const double y = apply_window(film.window, value);
    value = static_cast<float>(film.is_inverted ? 1 - y : y);
  }
  return shown;
}

std::string picture_uri(const Item& item) {
  const ItemFilm& film = item.films.front();
  const ItemHeatmap& heatmap = *item.ai.heatmap;
  const FilmPlace place = place_film(film.values.rows, film.values.cols, film.aspect, kSide, kSide);
  RgbImage picture = render_film(displayed(film), place);
  lay_over(picture, map_on_screen(heatmap.cells, heatmap.cell_to_picture, place), {.scale = heatmap.scale});
  const std::string png = encode_png_rgb8(picture.rows, picture.cols, picture.values);
  return "data:image/png;base64," + to_base64(png);
}

std::string caption_of(const ChosenCase& one, const AiOutputs& ai, const Endpoint& endpoint) {
  const AiOutput& output = ai.cases.at(one.id);
  return fmt::format("{}, {}: {} of {} readers changed for the {}. Said yes: {} in arm {}, {} in arm {}. "
                     "AI score {:.2f}, {} (threshold {:.2f}).",
                     one.id, one.is_diseased ? "diseased" : "normal", one.n_changed, one.n_readers,
                     one.is_for_the_better ? "better" : "worse", one.n_positive_control, endpoint.control,
                     one.n_positive_treated, endpoint.treated, output.score,
                     output.score >= ai.threshold ? "flagged" : "not flagged", ai.threshold);
}

void check_locked(bool is_same, const char* what, const std::filesystem::path& where, const char* code) {
  if (is_same) return;
  throw Error(Error::Kind::kInput, fmt::format("the {} are not those that were locked", what), where.string(),
              "give the folder that the study was locked from, as it was")
      .with_code(code);
}

}  // namespace

std::vector<ExampleCase> example_cases(const LockedStudy& study, const std::filesystem::path& sources,
                                       const std::string& readings, const LoadFilm& load) {
  const Protocol& p = study.protocol();
  const Arm* arm = p.find_arm(p.endpoint.treated);
  if (!p.ai || arm == nullptr || !arm->shows_what("heatmap")) return {};
  const Manifest manifest = read_manifest(sources / p.cases.manifest, p);
  check_locked(manifest.sha256 == study.certificate().cases_sha256, "cases", sources / p.cases.manifest,
               "other_cases");
  const AiOutputs ai = read_ai_outputs(sources / p.ai->explanations, p, manifest);
  check_locked(ai.digest() == study.certificate().ai_sha256, "explanations", sources / p.ai->explanations,
               "other_explanations");

  ItemSource source(p, manifest, &ai, load);
  std::vector<ExampleCase> examples;
  for (const ChosenCase& one :
       choose_examples(parse_csv(readings, "readings.csv"), p.endpoint.control, p.endpoint.treated)) {
    const Item item = source.item({.case_id = one.id, .arm = p.endpoint.treated});
    examples.push_back({.image = picture_uri(item),
                        .caption = caption_of(one, ai, p.endpoint),
                        .alt = fmt::format("film of case {} under the heatmap for {}", one.id, ai.class_name)});
  }
  return examples;
}

}  // namespace rationale::study
