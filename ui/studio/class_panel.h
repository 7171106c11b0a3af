// What the model says of the film, class by class; a click chooses a class.
#pragma once

#include "ui/studio/browser.h"
#include "ui/studio/page.h"
#include "ui/widgets/image_view.h"

namespace rationale::ui {

/// The head line also holds zoom and window of the film.
void draw_class_panel(Canvas& canvas, const Rect& rect, Browser& browser, const ImageView& view,
                      const Page& page);

}  // namespace rationale::ui
