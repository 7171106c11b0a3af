#include "ui/reader/covers.h"

#include <algorithm>
#include <cmath>

namespace rationale::ui {
namespace {

constexpr float kDialogRadius = 8;

struct Words {
  std::string title, text, key, action;
};

Words words_of(const ReadingPage& page) {
  switch (page.cover) {
    case Cover::kPause:
      return {"Pause", "The film is covered and reading time stands still.", "P", "go on reading"};
    case Cover::kFocus:
      return {"Another window was in front",
              "The film is covered and reading time stands still while this window is not the one in use.",
              "Enter", "go on reading"};
    case Cover::kAway:
      return {"The computer slept", "The film stayed covered and reading time stood still.", "Enter",
              "go on reading"};
    case Cover::kFault:
      return {"This could not be stored",
              page.fault + (page.fault_remedy.empty() ? "" : "\n" + page.fault_remedy) +
                  "\nAll that was stored before is safe. The last step was not taken.",
              "Enter", "try again"};
    default:
      return {};
  }
}

float line_height(const KeyLine& line) { return line.note.empty() ? 35 : 53; }

float group_height(const KeyGroup& group) {
  float height = 34;
  for (const KeyLine& line : group.lines) height += line_height(line);
  return height + 20;
}

void draw_group(Canvas& canvas, float x, float y, float width, const KeyGroup& group) {
  canvas.text(x, y, group.title, {.size = 13, .colour = theme::kText2});
  y += 34;
  for (const KeyLine& line : group.lines) {
    float at = x;
    for (const std::string& key : line.keys) {
      if (key.size() > 5) {
        at += canvas.text(at, y, key, {.size = 14, .colour = theme::kText2}) + 6;
      } else {
        at += canvas.key_cap(at, y, key) + 6;
      }
    }
    const float words = std::max(x + 118, at + 10);
    canvas.text_within(words, y, x + width - words, line.what, {.size = 15});
    if (!line.note.empty()) {
      canvas.text_within(words, y + 20, x + width - words, line.note,
                         {.size = 13, .colour = theme::kText3});
    }
    y += line_height(line);
  }
}

}  // namespace

std::vector<KeyGroup> key_groups(const ReadingPage& page) {
  KeyGroup answer{"Answer", {}};
  bool has_tab = false;
  for (const QuestionView& q : page.questions) {
    KeyLine line;
    for (const OptionView& option : q.options) {
      if (option.key.empty()) continue;
      line.keys.push_back(option.key);
      line.what += (line.what.empty() ? "" : ", ") + option.label;
    }
    if (!line.keys.empty() && answer.lines.size() < 5) {
      if (line.keys.size() > 5) {
        line.keys = {line.keys.front(), "–", line.keys.back()};
      }
      line.note = q.text;
      answer.lines.push_back(line);
    }
    has_tab = has_tab || q.options.empty();
  }
  answer.lines.push_back({{"Tab"},
                          has_tab ? "Go to the line or field" : "Go to the next question",
                          "two digits, or click and drag; ← → moves it"});
  answer.lines.push_back({{"Enter"}, "Confirm and go on", "open only when every question is answered"});
  answer.lines.push_back({{"Z"}, "Undo", ""});
  KeyGroup report{"Report", {}};
  for (const FlagView& flag : page.flags) {
    if (!flag.key.empty()) report.lines.push_back({{flag.key}, flag.label, ""});
  }
  if (page.has_comments) report.lines.push_back({{"N"}, "Comment", ""});
  const KeyGroup session{"Session", {{{"P"}, "Pause; the film is covered", ""}, {{"F1"}, "This page", ""}}};
  const KeyGroup ai{"AI information, in cases that have it",
                    {{{"H"}, "Heatmap on or off", "hold: off while held down"},
                     {{"U"}, "Outline instead of colour", ""},
                     {{"B"}, "Film and map beside each other", ""},
                     {{"−", "="}, "Opacity, in steps of 5 %", ""}}};
  const KeyGroup view{"View",
                      {{{"Shift", "←", "→"}, "Window", ""},
                       {{"Shift", "↑", "↓"}, "Level", ""},
                       {{"right drag"}, "Window and level together", ""},
                       {{"mouse wheel"}, "Zoom at the pointer", ""},
                       {{"left drag"}, "Move the film", ""},
                       {{"I"}, "Black and white swapped, or back", ""},
                       {{"0"}, "The view as it was at first", ""}}};
  return {answer, report, session, ai, view};
}

void draw_help(Canvas& canvas, const Rect& area, const std::vector<KeyGroup>& groups) {
  const float width = std::min(1000.0F, area.width - 48);
  const float x = std::round(area.x + (area.width - width) / 2);
  // Two columns: a group stands in the second one from the AI's on.
  float left = 0, right = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) (i < 3 ? left : right) += group_height(groups[i]);
  const float height = std::min(area.height - 48, 128 + std::max(left, right) + 68);
  const float y = std::round(area.y + (area.height - height) / 2);
  const Rect dialog{x, y, width, height};
  canvas.fill(dialog, theme::kPanel, kDialogRadius);
  canvas.frame(dialog, theme::kLineStrong, kDialogRadius);
  canvas.text(x + 40, y + 48, "Keys", {.size = 24, .weight = Weight::kMedium});
  canvas.text(x + 40, y + 80, "The film is covered and reading time stands still while this page is open.",
              {.size = 15, .colour = theme::kText2});
  const float close = canvas.width_of("close", {.size = 15});
  canvas.text(x + width - 40 - close, y + 50, "close", {.size = 15, .colour = theme::kText2});
  canvas.key_cap(x + width - 40 - close - 40, y + 50, "F1");
  canvas.line({x + 40, y + 110}, {x + width - 40, y + 110}, theme::kLine);
  canvas.clip({x, y + 112, width, height - 112 - 64});
  const float column = (width - 80 - 40) / 2;
  float at = y + 142;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == 3) at = y + 142;
    draw_group(canvas, x + 40 + (i < 3 ? 0 : column + 40), at, column, groups[i]);
    at += group_height(groups[i]);
  }
  canvas.end_clip();
  canvas.line({x + 40, y + height - 64}, {x + width - 40, y + height - 64}, theme::kLine);
  canvas.text_within(x + 40, y + height - 34, width - 80,
                     "Every key stands on its button too. While you type a comment, keys write text; Esc "
                     "leaves the text.",
                     {.size = 14, .colour = theme::kText2});
}

void draw_cover(Canvas& canvas, const ReaderLayout& l, const ReadingPage& page, Intents& intents) {
  canvas.fill(l.image, theme::kBlack);
  if (page.cover == Cover::kHelp) {
    draw_help(canvas, l.image, key_groups(page));
    return;
  }
  const Words words = words_of(page);
  const float width = std::min(620.0F, l.image.width - 48);
  const TextStyle body{.size = 15, .colour = theme::kText2};
  const auto n_lines = static_cast<float>(canvas.wrapped(words.text, width - 80, body).size());
  const float height = 176 + n_lines * 23;
  const Rect dialog{std::round((l.image.width - width) / 2), std::round((l.image.height - height) / 2),
                    width, height};
  canvas.fill(dialog, theme::kPanel, kDialogRadius);
  canvas.frame(dialog, theme::kLineStrong, kDialogRadius);
  canvas.text(dialog.x + 40, dialog.y + 50, words.title, {.size = 24, .weight = Weight::kMedium});
  canvas.paragraph(dialog.x + 40, dialog.y + 90, width - 80, words.text, body);
  const Rect button{dialog.x + 40, dialog.bottom() - 72, 220, 44};
  const Action action = page.cover == Cover::kFault ? Action::kTryAgain : Action::kGoOn;
  canvas.button(button, words.key, words.action, ButtonState::kRest,
                [&intents, action] { intents.push_back({.action = action}); });
}

}  // namespace rationale::ui
