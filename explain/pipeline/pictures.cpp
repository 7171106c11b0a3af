#include "explain/pipeline/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "data/base/digest.h"
#include "data/base/interrupt.h"
#include "data/image/map_meaning.h"
#include "data/image/png.h"
#include "data/image/window.h"
#include "explain/pipeline/volume_pictures.h"

namespace rationale::explain {
namespace {

/// The concepts' sentence, if there is one.
std::string sentence_of(const std::string& concept_json) {
  if (concept_json.empty()) return {};
  const auto json = nlohmann::json::parse(concept_json, nullptr, false);
  return json.is_object() ? json.value("sentence", "") : std::string();
}

std::vector<int> chosen_classes(const PictureChoice& choice, const std::vector<float>& logits) {
  using Kind = PictureChoice::Kind;
  if (choice.kind == Kind::kClass) return {choice.class_index};
  if (choice.kind == Kind::kTop) {
    return {static_cast<int>(std::ranges::max_element(logits) - logits.begin())};
  }
  std::vector<int> all(logits.size());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<int>(k);
  return all;
}

}  // namespace

std::string safe_file_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    name += is_plain ? c : '_';
  }
  name.resize(std::min<std::size_t>(name.size(), 100));
  if (name.empty()) name.push_back('_');
  if (name.front() == '.') name.front() = '_';
  return name;
}

Plane displayed_film(const Picture& picture) {
  const std::vector<double> values = display_values(picture);
  return {picture.rows, picture.cols, std::vector<float>(values.begin(), values.end())};
}

PictureScale picture_scale(const ExplanationStore& store, const Explanation& explanation, int class_index,
                           const PictureChoice& choice, std::size_t n_cases) {
  const auto k = static_cast<std::size_t>(class_index);
  if (choice.scale == PictureChoice::Scale::kImage) {
    const MapExtent extent = extent_of(explanation.maps[k]);
    const bool is_signed = choice.style == OverlayStyle::kSigned;
    const double largest = is_signed ? std::max(extent.largest, -extent.smallest) : extent.largest;
    return {largest > 0 ? largest : 1,
            "Scale of this image alone: its largest cell. It cannot be compared with other pictures."};
  }
  const ExplanationManifest& manifest = store.manifest();
  const std::vector<double>& given = choice.references.empty() ? manifest.scales : choice.references;
  if (k < given.size() && given[k] > 0) {
    return {given[k], "Reference scale of this class, set before the run: pictures of other runs on it can be compared."};
  }
  const double scale = store.scale(class_index);
  if (scale <= 0) return {1, "No case of this run has positive evidence for this class."};
  if (n_cases == 1) return {scale, "Scale of this image alone: the run has one case."};
  if (manifest.shards > 1) {
    return {scale, fmt::format("Scale of part {}/{} alone: the other parts have their own. `explain merge --pictures` draws "
                               "all on one.",
                               manifest.shard, manifest.shards)};
  }
  return {scale, fmt::format("One scale for all {} cases of this class: the 99th percentile of their largest cells.",
                             n_cases)};
}

OverlayCaption picture_caption(const ExplanationStore& store, const ExplainedCase& one, const Explanation& explanation,
                               int class_index) {
  const ExplanationManifest& manifest = store.manifest();
  const auto k = static_cast<std::size_t>(class_index);
  const std::string output_name = manifest.output_kind == "logits"          ? "logit"
                                  : manifest.output_kind == "probabilities" ? "probability"
                                                                            : "output";
  OverlayCaption caption{.case_name = one.name,
                         .class_name = manifest.classes[k],
                         .output = explanation.logits[k],
                         .output_name = output_name,
                         .map_meaning = map_meaning(manifest.method, output_name),
                         .method = manifest.method,
                         .layer = manifest.layer,
                         .model = manifest.model_name,
                         .sentence = explanation.concepts.empty()
                                         ? std::string()
                                         : sentence_of(explanation.concepts[k])};
  if (k < manifest.references.size()) {
    caption.output -= manifest.references[k];
    caption.output_name = "output − reference";
    caption.notes.push_back(
        fmt::format("The output is {:.4g}, the card's reference {:.4g}.", explanation.logits[k], manifest.references[k]));
  }
  if (manifest.activation != "none") caption.score = scores(manifest, explanation.logits)[k];
  if (k < manifest.thresholds.size()) caption.threshold = manifest.thresholds[k];
  if (!manifest.receptive_field.axes.empty()) {
    caption.notes.push_back("A cell sees " +
                            receptive_field_words(manifest.receptive_field, input_pixel_mm(explanation, one.spacing)) +
                            ".");
  }
  return caption;
}

RgbImage draw_explanation(const ExplanationStore& store, const ExplainedCase& one,
                          const Explanation& explanation, int class_index, const Plane& film,
                          const PictureChoice& choice, std::size_t n_cases, Font& font) {
  OverlayCaption caption = picture_caption(store, one, explanation, class_index);
  const PictureScale scale = picture_scale(store, explanation, class_index, choice, n_cases);
  caption.scale_note = scale.note;
  const Plane& map = explanation.maps[static_cast<std::size_t>(class_index)];
  return render_overlay(film, one.spacing.aspect, map, map_to_picture(explanation, map),
                        {.scale = scale.value, .style = choice.style}, caption, font);
}

std::vector<FailedCase> write_pictures(const ExplanationStore& store,
                                       const std::vector<std::string>& names,
                                       const std::filesystem::path& folder,
                                       const PictureChoice& choice, const LoadFilm& load,
                                       Quiet quiet, const LoadVolume& load_volume) {
  Font font;
  std::vector<FailedCase> failed;
  const auto fail = [&failed](const std::string& name) {
    failed.push_back(failure_of(name, std::current_exception()));
    failed.back().is_of_picture = true;
  };
  std::set<std::string> used;
  const std::size_t n_cases = store.cases().size();
  Progress progress("pictures", names.size(), quiet);
  std::size_t done = 0;
  for (const std::string& name : names) {
    check_interrupt();
    const auto one = store.find_case_if_any(name);
    progress.update(done++);
    if (!one) continue;
    const Explanation explanation = store.explanation(one->key);
    std::function<RgbImage(int class_index)> draw;
    try {
      if (explanation.volume) {
        draw = [&, volume = load_volume(store.film(*one), volume_choice(one->columns))](int k) {
          return draw_volume(store, *one, explanation, k, volume, choice, n_cases, font);
        };
      } else {
        draw = [&, film = displayed_film(load(store.film(*one)))](int k) {
          return draw_explanation(store, *one, explanation, k, film, choice, n_cases, font);
        };
      }
    } catch (...) {
      fail(name);
      continue;
    }
    for (const int k : chosen_classes(choice, explanation.logits)) {
      const std::string& class_name = store.manifest().classes[static_cast<std::size_t>(k)];
      std::string file = fmt::format("{}_{}", safe_file_name(name), safe_file_name(class_name));
      if (!used.insert(file).second) {  // two names that differ in a replaced letter only
        file += fmt::format("_{:.8}", Sha256().field(name).field(class_name).hex());
        used.insert(file);
      }
      RgbImage image;
      try {
        image = draw(k);
      } catch (...) {  // a slice that cannot be decoded any more
        fail(name);
        break;
      }
      write_png_rgb8(folder / (file + ".png"), image.rows, image.cols, image.values);
    }
  }
  progress.update(done);
  return failed;
}

}  // namespace rationale::explain
