#include "explain/pipeline/volume_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/base/error.h"
#include "data/volume/slice_energy.h"

namespace rationale::explain {
namespace {

constexpr Rgb kBlack{0, 0, 0}, kText{204, 204, 202}, kFaint{158, 158, 156};
constexpr std::size_t kMostSlices = 6;
constexpr int kColumns = 3, kLeastSide = 288, kMostSide = 384, kGap = 12, kWords = 40;

/// What the stored check says of this class, in a sentence.
std::string stored_words(const std::string& json_text) {
  const auto json = nlohmann::json::parse(json_text, nullptr, false);
  return json.is_object() ? json.value("words", "") : std::string();
}

}  // namespace

std::vector<int> slices_to_show(const std::vector<double>& energy, std::size_t most) {
  const int strongest = strongest_slice(energy);
  if (strongest < 0) return {static_cast<int>(energy.size()) / 2};
  std::vector<int> order(energy.size());
  std::iota(order.begin(), order.end(), 0);
  const auto at = [&](int z) { return energy[static_cast<std::size_t>(z)]; };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return at(a) > at(b); });
  order.resize(std::min(order.size(), most));
  std::erase_if(order, [&](int z) { return at(z) < 0.1 * at(strongest); });
  std::sort(order.begin(), order.end());
  return order;
}

RgbImage draw_volume(const ExplanationStore& store, const ExplainedCase& one, const Explanation& explanation,
                     int class_index, const Volume& volume, const PictureChoice& choice, std::size_t n_cases,
                     Font& font) {
  const ExplainedVolume& depth = *explanation.volume;
  if (static_cast<int>(volume.size()) != depth.slices) {
    throw Error(Error::Kind::kInput,
                fmt::format("the volume has {} slices, {} were explained", volume.size(), depth.slices), volume.name,
                "the files have changed since: explain them again")
        .with_code("case_changed");
  }
  const auto k = static_cast<std::size_t>(class_index);
  const std::vector<double> energy = energy_of_slices(explanation, class_index);
  const std::vector<int> shown = slices_to_show(energy, kMostSlices);
  const PictureScale scale = picture_scale(store, explanation, class_index, choice, n_cases);
  const OverlayOptions options{.scale = scale.value, .style = choice.style};
  const FilmPlace place = place_film(explanation.rows, explanation.cols, one.spacing.aspect, kLeastSide, kMostSide);
  const int n = static_cast<int>(shown.size()), columns = std::min(n, kColumns), rows = (n + columns - 1) / columns;
  const int tile_rows = place.rows + kWords + kGap, tile_cols = place.cols + kGap;
  RgbImage montage = make_canvas(rows * tile_rows - kGap, columns * tile_cols - kGap, kBlack);
  for (int i = 0; i < n; ++i) {
    const int z = shown[static_cast<std::size_t>(i)];
    const auto at = static_cast<std::size_t>(z);
    RgbImage film = render_film(displayed_film(volume.picture(at)), place);
    const Plane map = map_of_slice(explanation, class_index, z);
    lay_over(film, map_on_screen(map, map_to_picture(explanation, map), place), options);
    const int top = i / columns * tile_rows, left = i % columns * tile_cols;
    paste(montage, film, top, left);
    std::string words = fmt::format("slice {} of {}", z + 1, depth.slices);
    if (!depth.positions_mm.empty()) words += fmt::format(", {:.1f} mm", depth.positions_mm[at]);
    font.draw(montage, top + place.rows + 16, left, words, 13, kText);
    font.draw(montage, top + place.rows + 34, left, fmt::format("{:.0f} % of the positive evidence", 100 * energy[at]),
              13, kFaint);
  }

  OverlayCaption caption = picture_caption(store, one, explanation, class_index);
  caption.scale_note = scale.note;
  double sum = 0;
  for (const int z : shown) sum += energy[static_cast<std::size_t>(z)];
  if (sum > 0) {
    caption.notes.push_back(
        fmt::format("{} of {} slices, with {:.0f} % of the positive evidence. The map has {} slices of its own: each "
                    "picture blends the two nearest.",
                    n, depth.slices, 100 * sum, depth.map_slices));
  }
  if (k < depth.evidence.size()) {
    if (const std::string words = stored_words(depth.evidence[k]); !words.empty()) caption.notes.push_back(words + ".");
  }
  return with_panel(montage, extent_of(explanation.maps[k]), options, caption, font);
}

}  // namespace rationale::explain
