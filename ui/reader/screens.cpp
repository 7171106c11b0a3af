#include "ui/reader/screens.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/reader/panel.h"

namespace rationale::ui {
namespace {

void draw_ground(Canvas& canvas, const ReaderLayout& l) {
  canvas.fill(l.image, theme::kBlack);
  canvas.fill(l.panel, theme::kPanel);
  canvas.line({l.panel.x, 0}, {l.panel.x, l.panel.bottom()}, theme::kLine);
}

void draw_facts(Canvas& canvas, const Rect& card, const std::string& title,
                const std::vector<std::pair<std::string, std::string>>& facts) {
  canvas.card(card);
  canvas.text(card.x + 16, card.y + 21, title, {.size = 13, .colour = theme::kText2});
  float y = card.y + 56;
  for (const auto& [label, value] : facts) {
    const float label_width = canvas.text(card.x + 16, y, label, {.size = 14, .colour = theme::kText2});
    const float room = card.width - 32 - label_width - 16;
    const float width = std::min(room, canvas.width_of(value, {.size = 14}));
    canvas.text_within(card.right() - 16 - width, y, room, value, {.size = 14});
    y += 34;
  }
}

/// A patch with its half-moon: a half disc on the left or the right of the middle.
void draw_patch(Canvas& canvas, const Rect& rect, const CheckPage::Patch& patch) {
  const auto grey = [](int level) {
    const auto value = static_cast<std::uint8_t>(std::clamp(level, 0, 255));
    return Colour{value, value, value};
  };
  canvas.fill(rect, grey(patch.level));
  const float radius = std::round(rect.width * 0.3F);
  const float x = std::round(rect.x + rect.width / 2), y = std::round(rect.middle());
  // The half of the disc that is not wanted is covered again: edges stay as smooth as the circle.
  canvas.fill({x - radius, y - radius, 2 * radius, 2 * radius}, grey(patch.other), radius);
  const Rect cover{patch.is_right ? x - radius - 1 : x, y - radius - 1, radius + 1, 2 * radius + 2};
  canvas.fill(cover, grey(patch.level));
}

std::string patch_word(const CheckPage& page, std::size_t i) {
  const CheckPage::Patch& patch = page.patches[i];
  if (patch.answered_right) return *patch.answered_right ? "right" : "left";
  return i == page.current ? "left or right?" : std::to_string(i + 1);
}

void draw_patches(Canvas& canvas, const ReaderLayout& l, const CheckPage& page) {
  constexpr std::size_t kColumns = 6;
  const float margin = std::max(24.0F, std::round(l.image.width * 0.07F));
  const float gap = 28, under = 56;
  const float rows = std::ceil(static_cast<float>(page.patches.size()) / static_cast<float>(kColumns));
  const float wide = (l.image.width - 2 * margin - gap * static_cast<float>(kColumns - 1)) /
                     static_cast<float>(kColumns);
  const float high = (l.image.height - 170 - 60) / rows - under;
  const float side = std::floor(std::max(24.0F, std::min(wide, high)));
  for (std::size_t i = 0; i < page.patches.size(); ++i) {
    const Rect patch{std::round(margin + static_cast<float>(i % kColumns) * (side + gap)),
                     std::round(170 + static_cast<float>(i / kColumns) * (side + under)), side, side};
    draw_patch(canvas, patch, page.patches[i]);
    const bool is_current = i == page.current;
    if (is_current) {
      canvas.frame({patch.x - 8, patch.y - 8, side + 16, side + 16}, theme::kAccent, 4, 1.5F);
    }
    canvas.text(patch.x + side / 2, patch.bottom() + 26, patch_word(page, i),
                {.size = 15,
                 .colour = is_current                              ? theme::kText1
                           : page.patches[i].answered_right ? theme::kText2
                                                            : theme::kTextOff,
                 .align = Align::kCentre});
  }
}

void draw_measured(Canvas& canvas, const Rect& card, const CheckPage& page) {
  canvas.card(card);
  canvas.text(card.x + 16, card.y + 21, "Measured by the program", {.size = 13, .colour = theme::kText2});
  float y = card.y + 56;
  for (const CheckPage::Fact& fact : page.facts) {
    if (fact.is_met) {
      canvas.tick({card.x + 23, y}, 11, theme::kText2);
    } else {
      canvas.line({card.x + 18, y - 5}, {card.x + 28, y + 5}, theme::kText2, 1.8F);
      canvas.line({card.x + 18, y + 5}, {card.x + 28, y - 5}, theme::kText2, 1.8F);
    }
    const float label = canvas.text(card.x + 42, y, fact.label, {.size = 14, .colour = theme::kText2});
    const float room = card.width - 42 - label - 16 - 16;
    const float width = std::min(room, canvas.width_of(fact.value, {.size = 14}));
    canvas.text_within(card.right() - 16 - width, y, room, fact.value, {.size = 14});
    y += 34;
  }
  canvas.line({card.x + 16, card.y + 216}, {card.right() - 16, card.y + 216}, theme::kRowLine);
  canvas.paragraph(card.x + 16, card.y + 238, card.width - 32,
                   "Not measured: luminance and room light. The site enters these from its photometer.",
                   {.size = 13, .colour = theme::kText3});
}

}  // namespace

int CheckPage::n_right() const {
  return static_cast<int>(std::count_if(patches.begin(), patches.end(), [](const Patch& patch) {
    return patch.answered_right && *patch.answered_right == patch.is_right;
  }));
}

void draw_words_page(Canvas& canvas, const ReaderLayout& l, const WordsPage& page, Intents& intents) {
  draw_ground(canvas, l);
  const float width = std::min(760.0F, l.image.width - 2 * 82);
  float y = 68;
  canvas.text(82, y, page.title, {.size = 24, .weight = Weight::kMedium});
  y += 48;
  if (!page.highlight.empty()) {
    canvas.text(82, y + 10, page.highlight, {.size = 28, .weight = Weight::kMedium});
    y += 62;
  }
  for (const std::string& text : page.paragraphs) {
    if (text.empty()) continue;
    y += canvas.paragraph(82, y, width, text, {.size = 16, .colour = theme::kText1}) + 14;
  }
  draw_header(canvas, l.header, page.small_title, page.title, "", "", -1, Dim::kNo);
  draw_facts(canvas, l.ai, "This session", page.facts);
  canvas.line({l.bottom.x, l.bottom.y}, {l.bottom.right(), l.bottom.y}, theme::kLine);
  canvas.text_within(l.bottom.x, l.bottom.y + 24, l.bottom.width, page.note,
                     {.size = 14, .colour = theme::kText2});
  if (!page.button.empty()) {
    draw_confirm(canvas, l.confirm, "Enter", page.button, ButtonState::kRest, {.action = Action::kGoOn},
                 intents);
  }
  if (!page.second_label.empty()) {
    canvas.button({l.tools.x, l.tools.y, l.tools.width, l.tools.height}, page.second_key,
                  page.second_label, ButtonState::kRest,
                  [&intents] { intents.push_back({.action = Action::kBreak}); });
  }
}

void draw_check_page(Canvas& canvas, const ReaderLayout& l, const CheckPage& page, Intents& intents) {
  draw_ground(canvas, l);
  const float margin = std::max(24.0F, std::round(l.image.width * 0.07F));
  canvas.text(margin, 68, "Display check", {.size = 24, .weight = Weight::kMedium});
  canvas.text_within(margin, 102, l.image.width - 2 * margin,
                     "Each patch hides a half-moon that differs a little from its ground. On which side is it?",
                     {.size = 15, .colour = theme::kText2});
  draw_patches(canvas, l, page);
  canvas.text_within(margin, l.image.bottom() - 36, l.image.width - 2 * margin,
                     "Look from your usual distance with the room lights as you will read. About 40 seconds. "
                     "Sides are new each time.",
                     {.size = 14, .colour = theme::kText2});

  const auto n = page.patches.size();
  draw_header(canvas, l.header, "Before reading", "Display check", "Patch",
              fmt::format("{} of {}", std::min(page.current + 1, n), n),
              static_cast<double>(page.current) / static_cast<double>(std::max<std::size_t>(1, n)), Dim::kNo);
  draw_measured(canvas, l.ai, page);
  const float y = l.middle.y + 20;
  if (!page.is_done()) {
    canvas.text(l.middle.x, y, "Where is the half-moon?", {.size = 16, .weight = Weight::kMedium});
    const float half = (l.middle.width - 8) / 2;
    const auto side = [&](float x, const char* key, const char* label, std::size_t index) {
      canvas.button({x, y + 22, half, 52}, key, label, ButtonState::kRest, [&intents, index] {
        intents.push_back({.action = Action::kSide, .index = index});
      });
    };
    side(l.middle.x, "←", "Left", 0);
    side(l.middle.x + half + 8, "→", "Right", 1);
    canvas.paragraph(l.middle.x, y + 102, l.middle.width,
                     fmt::format("Guess if you cannot tell. {} of {} must be right; the result comes at the "
                                 "end, not patch by patch.",
                                 page.needed, n),
                     {.size = 15, .colour = theme::kText2});
  } else {
    const bool is_passed = page.n_right() >= page.needed;
    canvas.text(l.middle.x, y, fmt::format("{} of {} right", page.n_right(), n),
                {.size = 20, .weight = Weight::kMedium});
    canvas.paragraph(l.middle.x, y + 36, l.middle.width,
                     is_passed ? "This display shows the steps that reading needs."
                               : fmt::format("{} were needed. Dim the room, clean the screen, let it warm up, "
                                             "then try again. Without a passed check no case opens.",
                                             page.needed),
                     {.size = 15, .colour = theme::kText2});
  }
  canvas.line({l.bottom.x, l.bottom.y}, {l.bottom.right(), l.bottom.y}, theme::kLine);
  const auto open = n - std::min(n, page.current);
  const bool is_passed = page.is_done() && page.n_right() >= page.needed;
  canvas.text(l.bottom.x, l.bottom.y + 24,
              open > 0    ? fmt::format("Still open: {} patch{}", open, open == 1 ? "" : "es")
              : is_passed ? "The check is passed."
                          : "The check is not passed.",
              {.size = 14, .colour = theme::kText2});
  const bool is_failed = page.is_done() && !is_passed;
  draw_confirm(canvas, l.confirm, "Enter", is_failed ? "Check again" : "Go on",
               page.is_done() ? ButtonState::kRest : ButtonState::kDisabled, {.action = Action::kGoOn},
               intents);
  const float each = (l.tools.width - 2 * 9) / 3;
  canvas.button({l.tools.x, l.tools.y, each, l.tools.height}, "Z", "Back",
                page.current > 0 && !page.is_done() ? ButtonState::kRest : ButtonState::kDisabled,
                [&intents] { intents.push_back({.action = Action::kUndo}); });
}

}  // namespace rationale::ui
