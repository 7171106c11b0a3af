// The scale of a heatmap: its colours, and what they mean in logit.
#pragma once

#include <string>

#include "ui/widgets/canvas.h"
#include "ui/widgets/image_shader.h"

namespace rationale::ui {

/// Colours from 0 to `highest` (> 0) with round ticks below; about 34 high from `at`.
void draw_colour_bar(Canvas& canvas, Spot at, float width, const ColourTable& colours,
                     double highest);

}  // namespace rationale::ui
