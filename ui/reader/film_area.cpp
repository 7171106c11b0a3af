#include "ui/reader/film_area.h"

#include <fmt/format.h>

#include <cmath>

#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

constexpr TextStyle kNote{.size = 14, .colour = theme::kText2};

/// A note that stays readable when the film is zoomed under it.
void note(Canvas& canvas, float x, float y, const std::string& text, Align align) {
  const float width = canvas.width_of(text, kNote);
  const float left = align == Align::kLeft ? x : x - width;
  canvas.fill({left - 6, y - 11, width + 12, 22}, faded(theme::kBlack, 0.6F), theme::kKeyCapRadius);
  canvas.text(left, y, text, kNote);
}

/// Whole numbers for windows of thousands, more places where the values are small.
std::string window_number(double value, double width) {
  return plain_number(value, width >= 20 ? 0 : (width >= 2 ? 1 : 3));
}

/// A key and what it does, right-aligned at `right`; also a button.
void tool(Canvas& canvas, float right, float y, const char* key, const char* what, Action action, Intents& intents) {
  const float width = canvas.width_of(what, kNote);
  note(canvas, right, y, what, Align::kRight);
  canvas.key_cap(right - width - 36, y, key);
  canvas.area({right - width - 40, y - 15, width + 44, 32},
              [&intents, action] { intents.push_back({.action = action}); });
}

void draw_marks(Canvas& canvas, const Placement& placement, std::size_t film,
                const std::vector<FilmMark>& marks) {
  for (const FilmMark& mark : marks) {
    if (mark.film != film) continue;
    const Spot at = placement.to_screen(mark.at);
    for (const bool is_casing : {true, false}) {
      const Colour colour = is_casing ? faded(theme::kBlack, 0.55F) : theme::kText1;
      const float thickness = is_casing ? 3.5F : 1.5F;
      canvas.frame({at.x - 10, at.y - 10, 20, 20}, colour, 10, thickness);
    }
  }
}

}  // namespace

void draw_film_area(Canvas& canvas, const ReaderLayout& l, const ReadingPage& page, ImageView& view,
                    const OverlayLook& look, const std::vector<FilmMark>& marks, Intents& intents) {
  canvas.fill(l.image, theme::kBlack);
  Rect first = l.film;
  if (page.ai.is_beside) {
    constexpr float kBetween = 4;
    const float half = (l.film.width - kBetween) / 2;
    first.width = half;
    view.draw(canvas, first, {.has_heatmap = false});
    view.draw(canvas, {l.film.x + half + kBetween, l.film.y, half, l.film.height}, look);
  } else {
    view.draw(canvas, first, look);
  }
  const Placement placement = view.viewport().placement(first);
  canvas.clip(first);
  draw_marks(canvas, placement, page.film, marks);
  canvas.end_clip();

  const std::string factor = plain_number(placement.row_step, 2) + "×";
  note(canvas, 20, 30, view.viewport().zoom() <= 1.0001 ? "Fit " + factor : factor, Align::kLeft);
  const float right = l.image.right() - 20;
  note(canvas, right, 30, fmt::format("image {} of {}", page.film + 1, page.n_films), Align::kRight);
  const float bottom = l.image.bottom();
  const double width = view.window().width;
  note(canvas, 20, bottom - 42, "W " + window_number(width, width), Align::kLeft);
  note(canvas, 20, bottom - 20, "L " + window_number(view.window().centre, width), Align::kLeft);
  tool(canvas, right, bottom - 59, "I", view.is_inverted() ? "inverted" : "invert", Action::kInvert, intents);
  tool(canvas, right, bottom - 27, "0", "fit", Action::kResetView, intents);
}

}  // namespace rationale::ui
