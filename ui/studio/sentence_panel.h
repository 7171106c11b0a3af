// The sentence: why the model says so, in concepts; or why there is none.
#pragma once

#include <functional>
#include <string>

#include "ui/studio/page.h"
#include "ui/widgets/canvas.h"

namespace rationale::ui {

/// Height that the words need in a card of this width.
float sentence_panel_height(Canvas& canvas, float width, const Page& page);
void draw_sentence_panel(Canvas& canvas, const Rect& rect, const Page& page,
                         std::function<void()> copy);

/// What the key C copies: case, class, sentence, sum and where they come from.
std::string copied_text(const Page& page);

}  // namespace rationale::ui
