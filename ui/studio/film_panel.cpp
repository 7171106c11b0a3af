#include "ui/studio/film_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/image/map_meaning.h"
#include "data/image/overlay.h"
#include "ui/widgets/colour_bar.h"
#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

void draw_image(Canvas& canvas, const Rect& rect, const Browser& browser, ImageView& view,
                const Page& page) {
  canvas.fill(rect, theme::kBlack);
  const OverlayLook look{.has_heatmap = browser.is_heatmap_visible(),
                         .has_outline = browser.has_outline(),
                         .opacity = static_cast<float>(browser.opacity_percent()) / 100};
  if (browser.is_beside()) {
    constexpr float kBetween = 4;
    const float half = (rect.width - kBetween) / 2;
    view.draw(canvas, {rect.x, rect.y, half, rect.height}, {.has_heatmap = false});
    view.draw(canvas, {rect.x + half + kBetween, rect.y, half, rect.height}, look);
  } else {
    view.draw(canvas, rect, look);
  }
  if (!page.one->film_note.empty()) {
    canvas.fill({rect.x, rect.bottom() - 56, rect.width, 56}, faded(theme::kBlack, 0.7F));
    canvas.paragraph(rect.x + 16, rect.bottom() - 38, rect.width - 32, page.one->film_note,
                     {.size = 13, .colour = theme::kText2});
  }
}

void draw_controls(Canvas& canvas, const Rect& rect, Browser& browser) {
  const auto state = [](bool is_on) { return is_on ? ButtonState::kOn : ButtonState::kRest; };
  float x = rect.x;
  const auto button = [&](const char* key, const char* label, bool is_on, auto action) {
    const float width =
        57 + std::ceil(canvas.width_of(label, {.size = 14, .weight = Weight::kMedium}));
    canvas.button({x, rect.y, width, rect.height}, key, label, state(is_on), action);
    x += width + 8;
  };
  button("H", "Heatmap", browser.is_heatmap_on(), [&browser] { browser.toggle_heatmap(); });
  button("U", "Outline", browser.has_outline(), [&browser] { browser.toggle_outline(); });
  button("B", "Beside", browser.is_beside(), [&browser] { browser.toggle_beside(); });
  constexpr float kOpacityWidth = 120;  // its keys and figure, without the word
  const float own = 57 + std::ceil(canvas.width_of("Own scale", {.size = 14, .weight = Weight::kMedium}));
  if (x + own + kOpacityWidth < rect.right()) {  // on a narrow page the key alone does it
    button("S", "Own scale", browser.has_own_scale(), [&browser] { browser.toggle_own_scale(); });
  }

  // Opacity stands at the right edge; on a narrow page its word gives way first.
  const float y = rect.middle();
  const std::string percent = fmt::format("{} %", browser.opacity_percent());
  float right = rect.right();
  const auto step = [&](const char* key, int change) {
    right -= 24;
    canvas.key_cap(right, y, key);
    canvas.area({right, y - 12, 24, 24}, [&browser, change] { browser.change_opacity(change); });
  };
  step("=", 10);
  canvas.text(right - 30, y, percent, {.size = 14, .align = Align::kCentre});
  right -= 60;
  step("−", -10);
  const float word = canvas.width_of("Opacity", {.size = 14});
  if (right - 12 - word > x) {
    canvas.text(right - 12, y, "Opacity",
                {.size = 14, .colour = theme::kText2, .align = Align::kRight});
  }
}

std::string outline_note(const std::vector<double>& levels) {
  std::string text;
  const int decimals = std::max(1, levels.empty() ? 1 : tick_decimals(levels));
  for (const double level : levels)
    text += (text.empty() ? "" : ", ") + plain_number(level, decimals);
  return "Outlines at ±" + text + "; dashed: against.";
}

std::string scale_note(const Browser& browser, const Page& page) {
  const ClassContent& chosen = *page.chosen;
  if (browser.has_outline()) return outline_note(chosen.map->levels);
  if (browser.has_own_scale()) {
    return "Relative to this image: its largest cell. Not comparable with other cases.";
  }
  const double share = chosen.highest / chosen.map->scale;
  if (share <= kInvisibleBelow) {
    return fmt::format("Weak evidence for “{}”: at most {} of the scale, too little to be filled.",
                       page.class_name, fmt::format("{:.0f} %", 100 * share));
  }
  return fmt::format("{} for “{}”, per cell; one scale for all cases",
                     map_meaning(page.manifest->method, output_word(*page.manifest)), page.class_name);
}

void draw_scale(Canvas& canvas, const Rect& rect, const Browser& browser, const Page& page,
                const ColourTable& colours) {
  const ClassContent& chosen = *page.chosen;
  if (!chosen.map_note.empty()) {
    canvas.paragraph(rect.x, rect.y + 8, rect.width, chosen.map_note,
                     {.size = 14, .colour = theme::kText1});
    return;
  }
  canvas.text_within(rect.x, rect.y + 6, rect.width, scale_note(browser, page),
                     {.size = 13, .colour = theme::kText3});
  draw_colour_bar(canvas, {rect.x, rect.y + 22}, rect.width, colours, chosen.map->scale);
}

}  // namespace

void draw_film_panel(Canvas& canvas, const Layout& layout, Browser& browser, ImageView& view,
                     const Page& page, const ColourTable& colours) {
  draw_image(canvas, layout.image, browser, view, page);
  draw_controls(canvas, layout.controls, browser);
  draw_scale(canvas, layout.scale, browser, page, colours);
}

}  // namespace rationale::ui
