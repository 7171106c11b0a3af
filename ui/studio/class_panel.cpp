#include "ui/studio/class_panel.h"

#include <fmt/format.h>

#include "ui/studio/layout.h"
#include "ui/widgets/numbers.h"

namespace rationale::ui {

void draw_class_panel(Canvas& canvas, const Rect& rect, Browser& browser, const ImageView& view,
                      const Page& page) {
  const std::string title = "All classes, " + output_word(*page.manifest);
  const float width = canvas.text(rect.x, rect.y + 8, title,
                                  {.size = 14, .colour = theme::kText2, .weight = Weight::kMedium});
  std::string state;
  if (view.has_film()) {
    const double w = view.window().width;
    const int decimals = w >= 100 ? 0 : w >= 1 ? 1 : 3;
    state = fmt::format("{:.2f}× · W {} L {} · ", view.viewport().zoom(), plain_number(w, decimals),
                        plain_number(view.window().centre, decimals));
  }
  state += "wheel, drag, right drag · ";
  const TextStyle note{.size = 13, .colour = theme::kText3};
  float x = rect.right() - canvas.width_of("fit", note);
  canvas.text(x, rect.y + 8, "fit", note);
  x -= 32;
  canvas.key_cap(x, rect.y + 8, "0");
  const float room = x - 6 - (rect.x + width + 16);
  if (room > canvas.width_of(state, note)) {
    canvas.text(x - 6, rect.y + 8, state,
                {.size = 13, .colour = theme::kText3, .align = Align::kRight});
  }

  const ClassTable table = class_table(rect.width, browser.classes().size());
  constexpr float kGap = 16, kRow = 28;
  const auto columns = static_cast<float>(table.columns);
  const float cell_width = (rect.width - kGap * (columns - 1)) / columns;
  for (std::size_t k = 0; k < browser.classes().size(); ++k) {
    const auto column = static_cast<float>(k / table.rows),
               row = static_cast<float>(k % table.rows);
    const Rect cell{rect.x + column * (cell_width + kGap), rect.y + 28 + row * kRow, cell_width,
                    kRow};
    const bool is_chosen = k == browser.chosen_class();
    const bool is_over = canvas.area(cell, [&browser, k] { browser.choose_class(k); });
    if (is_chosen) {
      canvas.fill(cell, theme::kAccentFill, theme::kKeyCapRadius);
      canvas.frame(cell, theme::kAccent, theme::kKeyCapRadius);
    } else {
      if (is_over) canvas.fill(cell, theme::kHover, theme::kKeyCapRadius);
      canvas.line({cell.x, cell.bottom() - 1}, {cell.right(), cell.bottom() - 1}, theme::kRowLine);
    }
    const Colour colour = is_chosen ? theme::kText1 : theme::kText2;
    const std::string number = plain_number(page.one->explanation.logits[k]);
    const TextStyle number_style{.size = 14, .colour = colour, .align = Align::kRight};
    canvas.text(cell.right() - 8, cell.middle(), number, number_style);
    canvas.text_within(cell.x + 8, cell.middle(),
                       cell_width - 28 - canvas.width_of(number, number_style),
                       browser.classes()[k], {.size = 14, .colour = colour});
  }
}

}  // namespace rationale::ui
