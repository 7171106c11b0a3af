// "What makes the decision": the waterfall of contributions, or where the evidence lies without
// concepts.
#pragma once

#include "ui/studio/page.h"
#include "ui/widgets/canvas.h"

namespace rationale::ui {

/// Draws a card into `rect`, as high as it needs.
void draw_decision_panel(Canvas& canvas, const Rect& rect, const Page& page);

}  // namespace rationale::ui
