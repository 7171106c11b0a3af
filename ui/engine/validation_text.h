// docs/validation/explanation.md, from surveys: tables by method and layer, and what they show.
#pragma once

#include <string>
#include <vector>

#include "ui/engine/survey_words.h"

namespace rationale::ui {

/// Markdown. @param command  that makes it again
std::string validation_text(const std::vector<Surveyed>& models, const std::string& command);

}  // namespace rationale::ui
