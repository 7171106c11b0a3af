// The image area while a case is read: film, overlay, and four quiet notes in the corners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ui/reader/layout.h"
#include "ui/reader/page.h"
#include "ui/widgets/image_view.h"

namespace rationale::ui {

/// Marks that the reader set, in picture positions.
struct FilmMark {
  PictureSpot at;
  std::size_t film = 0;  ///< of the item's films
  std::int64_t seq = 0;  ///< its event's number, to take it away
};

/// @param look  what of the overlay is drawn; nothing where the case has none
void draw_film_area(Canvas& canvas, const ReaderLayout& layout, const ReadingPage& page, ImageView& view,
                    const OverlayLook& look, const std::vector<FilmMark>& marks, Intents& intents);

}  // namespace rationale::ui
