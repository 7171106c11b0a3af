// From a card, a table of cases and what people marked in them to a survey of the model's maps.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/image/geometry.h"
#include "explain/model/card.h"
#include "explain/quality/survey.h"
#include "ui/command/command_line.h"

namespace rationale::ui {

/// A film as displayed, for the pictures of the page.
struct SurveyFilm {
  Plane shown;  ///< 0 … 1
  double aspect = 1;
  Affine input_to_picture;
};

struct SurveyInput {
  explain::ModelCard card;
  explain::SurveyRequest request;
  std::vector<SurveyFilm> films;        ///< one for each case of the request
  std::size_t n_cases = 0;              ///< of the table, after --where
  std::string marks;                    ///< "boxes.csv", "masks" or empty
  std::vector<std::string> annotators;  ///< whose regions were used, the first one first
  std::size_t n_left_out = 0;           ///< marked findings beyond the 200 that are measured
  std::vector<std::string> notes;       ///< what was left out, in sentences
};

/// Takes every marked finding, of more than 200 as many in a seeded order with the classes in turn; and of the other
/// films, in a seeded order, as many as gate and deletion need: one film a patient; for deletion only films whose top class has a probability of at least one half, because a score that
/// is low already cannot fall.
/// @param index  which pair of --model and --cases
/// @throws Error (kInput, kUsage) naming file and line
SurveyInput read_survey(const SurveyOptions& options, std::size_t index, const CommonOptions& common,
                        explain::Mode mode);

}  // namespace rationale::ui
