// Pages without a film: start, ready, break, end; and the display check.
#pragma once

#include "ui/reader/layout.h"
#include "ui/reader/page.h"

namespace rationale::ui {

/// Words in the image area, facts in the panel, one button on Enter.
void draw_words_page(Canvas& canvas, const ReaderLayout& layout, const WordsPage& page, Intents& intents);

void draw_check_page(Canvas& canvas, const ReaderLayout& layout, const CheckPage& page, Intents& intents);

}  // namespace rationale::ui
