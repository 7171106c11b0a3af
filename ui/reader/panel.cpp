#include "ui/reader/panel.h"

#include <fmt/format.h>

#include <algorithm>

#include "ui/reader/ai_card.h"
#include "ui/reader/questions.h"

namespace rationale::ui {

void draw_header(Canvas& canvas, const Rect& rect, const std::string& small_left,
                 const std::string& left, const std::string& small_right, const std::string& right,
                 double progress, Dim dim) {
  const bool is_dim = dim == Dim::kYes;
  const Colour small = is_dim ? theme::kTextOff : theme::kText3;
  const Colour large = is_dim ? theme::kText3 : theme::kText1;
  canvas.text(rect.x, rect.y + 7, small_left, {.size = 13, .colour = small});
  canvas.text_within(rect.x, rect.y + 31, rect.width - 110, left,
                     {.size = 22, .colour = large, .weight = Weight::kMedium});
  canvas.text(rect.right(), rect.y + 7, small_right,
              {.size = 13, .colour = small, .align = Align::kRight});
  canvas.text(rect.right(), rect.y + 32, right,
              {.size = 16, .colour = is_dim ? theme::kText3 : theme::kText2, .align = Align::kRight});
  if (progress < 0) return;
  canvas.fill({rect.x, rect.y + 54, rect.width, 3}, theme::kLine, 1.5F);
  const float done = rect.width * static_cast<float>(std::clamp(progress, 0.0, 1.0));
  if (done >= 3) canvas.fill({rect.x, rect.y + 54, done, 3}, theme::kTextOff, 1.5F);
}

void draw_focus(Canvas& canvas, const Rect& rect) {
  canvas.frame({rect.x - 3, rect.y - 3, rect.width + 6, rect.height + 6}, theme::kAccent,
               theme::kRadius + 2);
}

void draw_confirm(Canvas& canvas, const Rect& rect, const std::string& key, const std::string& label,
                  ButtonState state, const Intent& intent, Intents& intents) {
  const bool is_open = state != ButtonState::kDisabled;
  if (is_open) {
    canvas.fill(rect, canvas.is_hovered(rect) ? theme::kHover : theme::kControl, theme::kRadius);
    canvas.area(rect, [&intents, intent] { intents.push_back(intent); });
  }
  canvas.frame(rect, is_open ? theme::kLineStrong : theme::kLine, theme::kRadius);
  const float cap = canvas.key_cap(rect.x + 12, rect.middle(), key, state);
  canvas.text(rect.x + 12 + cap + 10, rect.middle(), label,
              {.size = 16,
               .colour = is_open ? theme::kText1 : theme::kTextOff,
               .weight = is_open ? Weight::kMedium : Weight::kRegular});
}

void draw_tools(Canvas& canvas, const Rect& rect, const std::string& undo, ButtonState undo_state,
                Cover open, Intents& intents) {
  const float each = (rect.width - 2 * 9) / 3;
  const auto tool = [&](int i, const char* key, const std::string& label, ButtonState state,
                        Action action) {
    canvas.button({rect.x + static_cast<float>(i) * (each + 9), rect.y, each, rect.height}, key, label,
                  state, [&intents, action] { intents.push_back({.action = action}); });
  };
  const auto state = [&](Cover own) {
    return open == own            ? ButtonState::kOn
           : open == Cover::kNone ? ButtonState::kRest
                                  : ButtonState::kDisabled;
  };
  tool(0, "Z", undo, open == Cover::kNone ? undo_state : ButtonState::kDisabled, Action::kUndo);
  tool(1, "P", "Pause", state(Cover::kPause), Action::kPause);
  tool(2, "F1", "Help", state(Cover::kHelp), Action::kHelp);
}

void draw_panel(Canvas& canvas, const ReaderLayout& l, const ReadingPage& page,
                const ColourTable& colours, Intents& intents) {
  canvas.fill(l.panel, theme::kPanel);
  canvas.line({l.panel.x, 0}, {l.panel.x, l.panel.bottom()}, theme::kLine);
  const bool is_covered = page.cover != Cover::kNone;
  const bool has_count = page.progress == study::ProgressStyle::kCount;
  const double progress = page.progress == study::ProgressStyle::kHidden
                              ? -1
                              : static_cast<double>(page.position) / std::max(1, page.n_readings);
  draw_header(canvas, l.header, "Case", page.code, has_count ? "Reading" : "",
              has_count ? fmt::format("{} of {}", page.position, page.n_readings) : "", progress,
              is_covered ? Dim::kYes : Dim::kNo);
  draw_tools(canvas, l.tools, "Undo", page.can_undo ? ButtonState::kRest : ButtonState::kDisabled,
             page.cover, intents);
  if (is_covered) return;
  draw_questions(canvas, l.middle, page, intents);
  // What hangs from the top and stands on the bottom takes the clicks of what is scrolled under it.
  canvas.area({l.panel.x, 0, l.panel.width, l.middle.y}, {});
  canvas.area({l.panel.x, l.middle.bottom(), l.panel.width, l.tools.y - l.middle.bottom()}, {});
  draw_ai_card(canvas, l.ai, page.ai, colours, intents);
  canvas.line({l.bottom.x, l.bottom.y}, {l.bottom.right(), l.bottom.y}, theme::kLine);
  canvas.text_within(l.bottom.x, l.bottom.y + 24, l.bottom.width,
                     page.still_open.empty() ? "All answered." : page.still_open,
                     {.size = 14, .colour = theme::kText2});
  const bool is_open = page.still_open.empty();
  draw_confirm(canvas, l.confirm, "Enter", "Confirm and go on",
               is_open ? ButtonState::kRest : ButtonState::kDisabled, {.action = Action::kConfirm},
               intents);
  if (page.is_confirm_focused && page.is_focus_visible) draw_focus(canvas, l.confirm);
}

}  // namespace rationale::ui
