// The film with its heatmap, the overlay's buttons, and the colour bar with what it means.
#pragma once

#include "ui/studio/browser.h"
#include "ui/studio/layout.h"
#include "ui/studio/page.h"
#include "ui/widgets/image_view.h"

namespace rationale::ui {

/// @param view  shows the page's film and map
void draw_film_panel(Canvas& canvas, const Layout& layout, Browser& browser, ImageView& view,
                     const Page& page, const ColourTable& colours);

}  // namespace rationale::ui
