#include "ui/studio/case_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/cases/cases.h"
#include "data/image/film.h"
#include "data/image/window.h"
#include "data/volume/digest.h"
#include "data/volume/slice_energy.h"
#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

/// Three outlines at round values below the end of the colour bar.
std::vector<double> outline_levels(double scale) {
  const std::vector<double> ticks = round_ticks(0, scale, 5);
  std::vector<double> levels(ticks.begin() + 1, ticks.end());
  while (levels.size() > 3) levels.erase(levels.begin() + 1);
  return levels;
}

/// The strongest slice of a volume, and what it is.
void read_slice(const std::filesystem::path& place, CaseContent& content, const ExplanationManifest& manifest,
                const FilmReader& films) {
  const ExplainedVolume& depth = *content.explanation.volume;
  const std::vector<float>& logits = content.explanation.logits;
  const auto top = static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  const std::vector<double> energy = energy_of_slices(content.explanation, top);
  const int strongest = strongest_slice(energy);
  content.slice = strongest < 0 ? depth.slices / 2 : strongest;
  if (volume_file_digest(place) != content.listed.file_sha256) {
    content.film_note = "The volume has changed since it was explained, so it is not shown: " + place.string();
    return;
  }
  const Volume volume = films.volume(place, volume_choice(content.listed.columns));
  const auto z = static_cast<std::size_t>(content.slice);
  content.film = film_of(volume.picture(z));
  content.film_note = fmt::format("Slice {} of {}", content.slice + 1, depth.slices);
  if (!depth.positions_mm.empty()) content.film_note += fmt::format(", {:.1f} mm", depth.positions_mm[z]);
  content.film_note += strongest < 0 ? ": the middle one, as no slice has positive evidence."
                                     : fmt::format(": the one with most positive evidence for “{}” ({:.0f} %). Pictures "
                                                   "of several slices: rationale explain --pictures.",
                                                   manifest.classes[static_cast<std::size_t>(top)], 100 * energy[z]);
}

}  // namespace

Film film_of(const Picture& picture) {
  FilmDisplay display = film_display(picture);
  return {.extent = {.rows = picture.rows, .cols = picture.cols, .aspect = display.aspect},
          .values = std::move(display.values),
          .window = display.window,
          .is_inverted = display.is_inverted};
}

CaseContent read_case(const ExplanationStore& store, const ExplainedCase& one, const FilmReader& films) {
  CaseContent content;
  content.listed = one;
  content.explanation = store.explanation(one.key);
  content.film.extent = {.rows = content.explanation.rows,
                         .cols = content.explanation.cols,
                         .aspect = one.spacing.aspect};
  const std::filesystem::path file = store.film(one);
  std::error_code ignored;
  const bool is_there = std::filesystem::is_regular_file(file, ignored) ||
                        (content.explanation.volume && std::filesystem::is_directory(file, ignored));
  if (!is_there) {
    content.film_note = "The film is not where it was: " + file.string();
    return content;
  }
  try {
    if (content.explanation.volume) {
      read_slice(file, content, store.manifest(), films);
      return content;
    }
    const Picture picture = films.picture(file);
    // The same bytes are the same film, even where another version digested its pixels otherwise.
    if (pixel_digest(picture) != content.explanation.pixel_sha256 &&
        sha256_of_file(file) != one.file_sha256) {
      content.film_note =
          "The film has changed since it was explained, so it is not shown: " + file.string();
      return content;
    }
    content.film = film_of(picture);
  } catch (const Error& error) {
    content.film_note = std::string("The film cannot be read: ") + error.what();
  }
  return content;
}

ClassContent CaseContent::of_class(const ExplanationStore& store, int class_index, Scale which) const {
  const auto k = static_cast<std::size_t>(class_index);
  const ExplanationManifest& manifest = store.manifest();
  const std::string& name = manifest.classes[k];
  ClassContent content;
  content.logit = explanation.logits[k];
  if (manifest.output_kind != "regression" && manifest.activation != "none") {
    content.score = scores(manifest, explanation.logits)[k];
    if (k < manifest.thresholds.size()) {
      content.threshold = manifest.thresholds[k];
      content.is_flagged = *content.score >= *content.threshold;
    }
  }

  if (k < explanation.maps.size() && !explanation.maps[k].values.empty()) {
    const Plane plane =
        explanation.volume ? map_of_slice(explanation, class_index, slice) : explanation.maps[k];
    content.highest = *std::max_element(plane.values.begin(), plane.values.end());
    const double scale = which == Scale::kImage ? content.highest : store.scale(class_index);
    if (content.highest <= 0) {
      content.map_note = fmt::format(
          "No positive evidence for “{}” in this {}: no cell of the map is above 0.", name,
          explanation.volume ? "slice" : "film");
    }
    HeatMap map;
    map.values = plane;
    map.cell_to_picture = map_to_picture(explanation, plane);
    map.scale = scale > 0 ? scale : std::max(content.highest, 1e-6);
    map.levels = outline_levels(map.scale);
    content.map = std::move(map);
  } else {
    content.map_note = fmt::format("The layer {} has no map of “{}”.", manifest.layer, name);
  }

  const std::string json = store.concept_json(listed.key, class_index);
  if (json.empty()) {
    content.concepts_note =
        "This folder was made without concepts. A sentence and the contributions need a concept "
        "library: "
        "annotate examples, `rationale concepts import` and `concepts train`, then run `rationale "
        "explain "
        "--concepts library.db` into a new folder.";
  } else {
    try {
      content.concepts = parse_contributions(json);
    } catch (const Error& error) {
      content.concepts_note = error.what();
    }
  }
  return content;
}

}  // namespace rationale::ui
