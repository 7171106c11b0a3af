// The card that says what the AI says, of one size in every arm.
#pragma once

#include "ui/reader/page.h"
#include "ui/widgets/canvas.h"
#include "ui/widgets/image_shader.h"

namespace rationale::ui {

void draw_ai_card(Canvas& canvas, const Rect& rect, const AiView& ai, const ColourTable& colours,
                  Intents& intents);

}  // namespace rationale::ui
