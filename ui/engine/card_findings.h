// Figures of each finding, and why methods fail the gate: sections of the page on a model.
#pragma once

#include <string>

#include "ui/engine/survey_words.h"

namespace rationale::ui {

/// HTML: hits, evidence, IoU and pixel AUC of the recommended map (the first one where none is) for each finding; empty
/// without marks.
std::string finding_table(const Surveyed& surveyed);

/// HTML: of each map that fails, by which limit; empty if none does.
std::string failed_gates(const Surveyed& surveyed);

}  // namespace rationale::ui
