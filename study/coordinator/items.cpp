#include "study/coordinator/items.h"

#include <fmt/format.h>

#include <utility>

#include "data/base/error.h"
#include "data/cases/cases.h"
#include "data/image/film.h"

namespace rationale::study {
namespace {

/// Films are kept up to this many pixels (1 GiB of floats).
constexpr std::size_t kKeptValues = std::size_t{1} << 28;

std::size_t values_in(const std::vector<ItemFilm>& films) {
  std::size_t n = 0;
  for (const ItemFilm& film : films) n += film.values.values.size();
  return n;
}

}  // namespace

ItemAi shown_ai(const Arm& arm, const AiOutputs& outputs, const AiOutput& output) {
  ItemAi ai;
  if (arm.shows_what("ai_label")) ai.label = outputs.class_name;
  if (arm.shows_what("ai_score")) {
    ai.score = output.score;
    ai.threshold = outputs.threshold;
  }
  if (arm.shows_what("heatmap")) {
    ai.heatmap = ItemHeatmap{.cells = output.map,
                             .cell_to_picture = output.map_to_picture,
                             .scale = outputs.map_scale};
  }
  return ai;
}

ItemSource::ItemSource(const Protocol& protocol, const Manifest& manifest,
                       const AiOutputs* outputs, LoadFilm load)
    : protocol_(protocol), outputs_(outputs), load_(std::move(load)) {
  for (const StudyCase& one : manifest.cases) cases_[one.id] = &one;
}

const std::vector<ItemFilm>& ItemSource::films(const std::string& case_id) {
  if (const auto found = kept_.find(case_id); found != kept_.end()) return found->second;
  const StudyCase& one = *cases_.at(case_id);
  std::vector<ItemFilm> films;
  for (const std::filesystem::path& file : one.files) {
    const Picture picture = load_ ? load_(file) : load_picture(file);
    if (outputs_ != nullptr && films.empty() &&
        pixel_digest(picture) != outputs_->cases.at(case_id).pixel_sha256) {
      throw Error(Error::Kind::kInput,
                  fmt::format("the film of case {} is not the one that was explained", case_id),
                  file.string(), fmt::format("explain it anew, or restore it ({})", one.where))
          .with_code("other_film");
    }
    FilmDisplay display = film_display(picture);
    films.push_back({.values = std::move(display.values),
                     .aspect = display.aspect,
                     .window = display.window,
                     .is_inverted = display.is_inverted});
    films.back().window.explanation.clear();  // free text of the file
  }
  const std::size_t n = values_in(films);
  while (!order_.empty() && kept_values_ + n > kKeptValues) {
    kept_values_ -= values_in(kept_.at(order_.front()));
    kept_.erase(order_.front());
    order_.pop_front();
  }
  kept_values_ += n;
  order_.push_back(case_id);
  return kept_.emplace(case_id, std::move(films)).first->second;
}

Item ItemSource::item(const Assignment& assignment) {
  Item item{.position = assignment.position,
            .code = assignment.code,
            .is_repeat = assignment.is_repeat,
            .arm = assignment.arm,
            .films = films(assignment.case_id),
            .ai = {}};
  const Arm* arm = protocol_.find_arm(assignment.arm);
  if (arm != nullptr && outputs_ != nullptr) {
    item.ai = shown_ai(*arm, *outputs_, outputs_->cases.at(assignment.case_id));
  }
  return item;
}

}  // namespace rationale::study
