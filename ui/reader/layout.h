// Where the parts of the reading app lie, in logical pixels. Drawn for 1600 x 1000. Depends on the window
// alone, never on the case or its arm.
#pragma once

#include "ui/widgets/canvas.h"

namespace rationale::ui {

struct ReaderLayout {
  Rect image;    ///< black
  Rect film;     ///< the film is fitted into it
  Rect panel;
  Rect header, ai;
  Rect middle;   ///< questions, reports, comment; scrolls where it is too low
  Rect bottom;   ///< what is open
  Rect confirm, tools;
};

ReaderLayout reader_layout(float width, float height);

}  // namespace rationale::ui
