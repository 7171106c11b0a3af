// What a cell of each layer sees of the film: a section of the page on a model.
#pragma once

#include <string>

#include "ui/engine/survey_words.h"

namespace rationale::ui {

/// HTML; empty if no layer's field is known.
std::string receptive_field_section(const Surveyed& surveyed);

}  // namespace rationale::ui
