// Name of the program, its page, and what the folder was made with.
#pragma once

#include <cstddef>

#include "data/records/explanations.h"
#include "ui/widgets/canvas.h"

namespace rationale::ui {

void draw_top_bar(Canvas& canvas, const Rect& rect, float content_left,
                  const ExplanationManifest& manifest, std::size_t n_cases);

}  // namespace rationale::ui
