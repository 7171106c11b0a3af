#include "ui/studio/top_bar.h"

#include <fmt/format.h>

#include <algorithm>

namespace rationale::ui {

void draw_top_bar(Canvas& canvas, const Rect& rect, float content_left,
                  const ExplanationManifest& manifest, std::size_t n_cases) {
  canvas.fill(rect, theme::kPanel);
  canvas.line({rect.x, rect.bottom() - 1}, {rect.right(), rect.bottom() - 1}, theme::kLine);
  const float y = rect.middle();
  canvas.text(rect.x + 24, y, "Rationale Studio", {.size = 15, .weight = Weight::kMedium});
  const float width =
      canvas.text(content_left, y, "Explain", {.size = 15, .weight = Weight::kMedium});
  canvas.fill({content_left, rect.bottom() - 3, width, 3}, theme::kAccent);

  const std::string facts =
      fmt::format("{} · layer {} · {} · {} case{}", manifest.model_name, manifest.layer,
                  manifest.method, n_cases, n_cases == 1 ? "" : "s");
  const float room = rect.right() - theme::kPagePadding - (content_left + width + 32);
  const float needed = canvas.width_of(facts, {.size = 14});
  canvas.text_within(rect.right() - theme::kPagePadding - std::min(needed, room), y, room, facts,
                     {.size = 14, .colour = theme::kText2});
}

}  // namespace rationale::ui
