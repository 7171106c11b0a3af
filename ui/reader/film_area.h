// The image area while a case is read: film, overlay, and four quiet notes in the corners.
#pragma once

#include <vector>

#include "ui/reader/layout.h"
#include "ui/reader/page.h"
#include "ui/widgets/image_view.h"

namespace rationale::ui {

/// Marks that the reader set, in picture positions.
struct FilmMark {
  PictureSpot at;
};

/// @param look  what of the overlay is drawn; nothing where the case has none
void draw_film_area(Canvas& canvas, const ReaderLayout& layout, const ReadingPage& page, ImageView& view,
                    const OverlayLook& look, const std::vector<FilmMark>& marks, Intents& intents);

}  // namespace rationale::ui
