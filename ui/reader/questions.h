// The questions of a case, the reports and the comment: the part of the panel that scrolls when it is low.
#pragma once

#include "ui/reader/page.h"
#include "ui/widgets/canvas.h"

namespace rationale::ui {

/// Draws into `rect`, `page.scroll` further up. A click is an intent; a press on a line of a vas is not (it
/// may become a drag): see `vas_lines`.
void draw_questions(Canvas& canvas, const Rect& rect, const ReadingPage& page, Intents& intents);

/// How high the whole is, unscrolled.
float questions_height(const Canvas& canvas, float width, const ReadingPage& page);

/// Top and bottom of question `i` of the page, unscrolled and from the top of the whole.
struct Extent1D {
  float top = 0, bottom = 0;
};
Extent1D question_extent(const Canvas& canvas, float width, const ReadingPage& page, std::size_t i);

/// Where the open lines of the page lie: `card` takes the press, `line` is the answer's range.
struct VasLine {
  std::size_t question = 0;  ///< its index in the protocol
  Rect card, line;

  std::int64_t ppm_at(float x) const;
};
std::vector<VasLine> vas_lines(const Canvas& canvas, const Rect& rect, const ReadingPage& page);

}  // namespace rationale::ui
