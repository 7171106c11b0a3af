// One survey from the command line's options to its result.
#pragma once

#include "ui/engine/survey_words.h"

namespace rationale::ui {

/// Tells on stderr what is being computed, unless --quiet.
/// @param index  which pair of --model and --cases
Surveyed run_survey(const SurveyOptions& options, std::size_t index, const CommonOptions& common, explain::Mode mode);

}  // namespace rationale::ui
