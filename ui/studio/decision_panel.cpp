#include "ui/studio/decision_panel.h"

#include <algorithm>

#include "ui/widgets/numbers.h"
#include "ui/widgets/waterfall.h"

namespace rationale::ui {

void draw_decision_panel(Canvas& canvas, const Rect& rect, const Page& page) {
  if (!page.chosen->concepts) return;  // the sentence card says why, and how to get them
  constexpr float kTitle = 40, kPadding = theme::kCardPadding;
  const float width = rect.width - 2 * kPadding;
  const float available = rect.height - kTitle - kPadding;
  // As many bars as the page has room for; the rest is summed up, never left out.
  std::size_t most = 6;
  Waterfall waterfall = make_waterfall(*page.chosen->concepts, most);
  while (most > 1 && waterfall_height(canvas, width, available, waterfall) > available) {
    waterfall = make_waterfall(*page.chosen->concepts, --most);
  }
  const float height = std::min(
      rect.height, kTitle + waterfall_height(canvas, width, available, waterfall) + kPadding);
  canvas.card({rect.x, rect.y, rect.width, height});
  canvas.text(rect.x + kPadding, rect.y + 22, "What makes the decision",
              {.size = 15, .weight = Weight::kMedium});
  canvas.text(rect.right() - kPadding, rect.y + 22, output_word(*page.manifest),
              {.size = 13, .colour = theme::kText2, .align = Align::kRight});
  draw_waterfall(canvas, {rect.x + kPadding, rect.y + kTitle, width, available}, waterfall);
}

}  // namespace rationale::ui
