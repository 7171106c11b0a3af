#include "ui/reader/ai_card.h"

#include <fmt/format.h>

#include <cmath>

#include "ui/widgets/colour_bar.h"
#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

constexpr TextStyle kNote{.size = 13, .colour = theme::kText3};

void draw_finding(Canvas& canvas, const Rect& rect, const AiView& ai) {
  const float x = rect.x + theme::kCardPadding, right = rect.right() - theme::kCardPadding;
  const float y = rect.y + 58;
  if (!ai.finding.empty()) {
    canvas.text_within(x, y, right - x - (ai.score ? 100 : 0), ai.finding,
                       {.size = 18, .weight = Weight::kMedium});
  }
  if (ai.score) {
    canvas.text(right, y - 1, plain_number(*ai.score, 2),
                {.size = 28, .weight = Weight::kMedium, .align = Align::kRight});
    canvas.text(right, rect.y + 84, "AI score, 0–1",
                {.size = 13, .colour = theme::kText3, .align = Align::kRight});
  }
  if (ai.score && ai.threshold) {
    const std::string words =
        *ai.score >= *ai.threshold
            ? fmt::format("flagged: at or above threshold {}", plain_number(*ai.threshold, 2))
            : fmt::format("not flagged: below threshold {}", plain_number(*ai.threshold, 2));
    canvas.text_within(x, rect.y + 84, right - x - 96, words, {.size = 13, .colour = theme::kText2});
  }
}

void draw_map_tools(Canvas& canvas, const Rect& rect, const AiView& ai, Intents& intents) {
  const float x = rect.x + theme::kCardPadding, right = rect.right() - theme::kCardPadding;
  const float top = rect.y + 120;
  const auto button = [&](float at, float width, const char* key, const char* label, bool is_on,
                          Action action) {
    canvas.button({at, top, width, 40}, key, label, is_on ? ButtonState::kOn : ButtonState::kRest,
                  [&intents, action, is_on] {
                    intents.push_back({.action = action, .steps = is_on ? 0 : 1});
                  });
  };
  const float w = right - x;
  if (ai.has_toggle) {
    button(x, w * 0.348F, "H", "Heatmap", ai.is_on, Action::kHeatmap);
    button(x + w * 0.348F + 8, w * 0.312F, "U", "Outline", ai.has_outline, Action::kOutline);
    const float third = x + w * 0.66F + 16;
    button(third, right - third, "B", "Beside", ai.is_beside, Action::kBeside);
  } else {
    canvas.text(x, top + 20, "Heatmap", {.size = 14, .colour = theme::kText2});
  }

  const float y = rect.y + 193;
  canvas.text(x, y, "Opacity", {.size = 14, .colour = theme::kText2});
  canvas.text(right, y, fmt::format("{} %", ai.opacity_percent),
              {.size = 14, .weight = Weight::kMedium, .align = Align::kRight});
  if (!ai.is_opacity_adjustable) return;
  const float minus = x + 66, plus = right - 84;
  const auto step = [&](float at, const char* key, int steps) {
    canvas.key_cap(at, y, key);
    canvas.area({at - 4, y - 16, 32, 32},
                [&intents, steps] { intents.push_back({.action = Action::kOpacity, .steps = steps}); });
  };
  step(minus, "−", -1);
  step(plus, "=", 1);
  const float from = minus + 38, to = plus - 14;
  const float at = from + (to - from) * static_cast<float>(ai.opacity_percent) / 100;
  canvas.fill({from, y - 1, to - from, 2}, theme::kLine, 1);
  canvas.fill({from, y - 1, at - from, 2}, theme::kBar, 1);
  canvas.fill({at - 6, y - 6, 12, 12}, theme::kText2, 6);
}

}  // namespace

void draw_ai_card(Canvas& canvas, const Rect& rect, const AiView& ai, const ColourTable& colours,
                  Intents& intents) {
  canvas.card(rect);
  const float x = rect.x + theme::kCardPadding, right = rect.right() - theme::kCardPadding;
  canvas.text(x, rect.y + 21, "AI information", {.size = 13, .colour = theme::kText2});
  if (!ai.shows_any()) {
    canvas.text(x, rect.y + 140,
                ai.is_waiting ? "AI information comes after your first answer."
                              : "AI information is not part of this case.",
                {.size = 15, .colour = theme::kText2});
    return;
  }
  draw_finding(canvas, rect, ai);
  if (!ai.has_heatmap) return;
  canvas.line({x, rect.y + 104}, {right, rect.y + 104}, theme::kRowLine);
  draw_map_tools(canvas, rect, ai, intents);
  canvas.text(x, rect.y + 233, ai.map_meaning + ", per cell", kNote);
  draw_colour_bar(canvas, {x, rect.y + 248}, right - x, colours, ai.scale);
}

}  // namespace rationale::ui
