#include "ui/reader/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/reader/panel.h"

namespace rationale::ui {
namespace {

using study::QuestionType;

constexpr float kTopPadding = 10, kGap = 28, kHead = 32, kLine = 24;
constexpr float kAnswer = 52, kOption = 44, kBetween = 8;
constexpr float kVas = 72, kVasInset = 24, kField = 44, kReport = 44;
constexpr TextStyle kQuestion{.size = 16, .weight = Weight::kMedium};
constexpr float kNumberColumn = 20;

bool has_options(const QuestionView& q) { return !q.options.empty(); }

bool takes_tab(const QuestionView& q) { return !has_options(q) && q.type != QuestionType::kMarks; }

float text_width(const QuestionView& q, float width) {
  return width - kNumberColumn - (takes_tab(q) ? 48 : 0);
}

float head_height(const Canvas& canvas, const QuestionView& q, float width) {
  const auto lines = canvas.wrapped(q.text, text_width(q, width), kQuestion).size();
  return kHead + kLine * static_cast<float>(lines > 1 ? lines - 1 : 0);
}

/// How many options stand beside each other: as many as keep their words whole.
std::size_t columns_of(const Canvas& canvas, const QuestionView& q, float width) {
  const std::size_t n = q.options.size();
  float widest = 0;
  for (const OptionView& option : q.options) {
    const float cap = std::max(24.0F, canvas.width_of(option.key, {.size = 13}) + 14);
    widest = std::max(
        widest, canvas.width_of(option.label, {.size = 16, .weight = Weight::kMedium}) + cap + 60);
  }
  for (std::size_t columns = std::min<std::size_t>(n, 3); columns > 1; --columns) {
    if (columns == 3 && n != 3 && n != 6) continue;
    const float each =
        (width - kBetween * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    if (widest <= each) return columns;
  }
  return 1;
}

float option_height(const QuestionView& q) { return q.options.size() <= 2 ? kAnswer : kOption; }

float body_height(const Canvas& canvas, const QuestionView& q, float width) {
  if (has_options(q)) {
    const std::size_t columns = columns_of(canvas, q, width);
    const auto rows = static_cast<float>((q.options.size() + columns - 1) / columns);
    return rows * option_height(q) + (rows - 1) * kBetween;
  }
  if (q.type == QuestionType::kVas) return kVas;
  return kField;
}

float block_height(const Canvas& canvas, const QuestionView& q, float width) {
  return head_height(canvas, q, width) + body_height(canvas, q, width);
}

void ring_mark(Canvas& canvas, Spot centre, bool is_on) {
  constexpr float kRadius = 8;
  const Rect outer{centre.x - kRadius, centre.y - kRadius, 2 * kRadius, 2 * kRadius};
  canvas.frame(outer, is_on ? theme::kAccent : theme::kLineStrong, kRadius, is_on ? 1.5F : 1);
  if (is_on) canvas.fill({centre.x - 4, centre.y - 4, 8, 8}, theme::kAccent, 4);
}

void draw_option(Canvas& canvas, const Rect& rect, const OptionView& option, bool is_frozen,
                 std::function<void()> action) {
  const bool is_on = option.is_chosen;
  if (is_on) {
    canvas.fill(rect, theme::kAccentFill, theme::kRadius);
    canvas.frame(rect, theme::kAccent, theme::kRadius);
  } else {
    if (!is_frozen) {
      canvas.fill(rect, canvas.is_hovered(rect) ? theme::kHover : theme::kControl, theme::kRadius);
    }
    canvas.frame(rect, theme::kLine, theme::kRadius);
  }
  const ButtonState state =
      is_on ? ButtonState::kOn : (is_frozen ? ButtonState::kDisabled : ButtonState::kRest);
  const float cap =
      option.key.empty() ? 0 : canvas.key_cap(rect.x + 12, rect.middle(), option.key, state) + 10;
  canvas.text_within(rect.x + 12 + cap, rect.middle(), rect.width - 12 - cap - 40, option.label,
                     {.size = 16,
                      .colour = is_frozen && !is_on ? theme::kTextOff : theme::kText1,
                      .weight = is_on ? Weight::kMedium : Weight::kRegular});
  ring_mark(canvas, {rect.right() - 22, rect.middle()}, is_on);
  if (!is_frozen) canvas.area(rect, std::move(action));
}

void draw_options(Canvas& canvas, const Rect& rect, const QuestionView& q, Intents& intents) {
  const std::size_t columns = columns_of(canvas, q, rect.width);
  const float each =
      (rect.width - kBetween * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  const float height = option_height(q);
  for (std::size_t i = 0; i < q.options.size(); ++i) {
    const Rect place{rect.x + static_cast<float>(i % columns) * (each + kBetween),
                     rect.y + static_cast<float>(i / columns) * (height + kBetween), each, height};
    const Intent intent{.action = Action::kChoose, .index = q.index, .option = i};
    draw_option(canvas, place, q.options[i], q.is_frozen,
                [&intents, intent] { intents.push_back(intent); });
  }
}

Rect vas_line(const Rect& card) {
  return {card.x + kVasInset, card.y + 26, card.width - 2 * kVasInset, 2};
}

void draw_vas(Canvas& canvas, const Rect& card, const QuestionView& q) {
  canvas.card(card);
  const Rect line = vas_line(card);
  canvas.fill(line, q.is_frozen ? theme::kTextOff : theme::kText2);
  const TextStyle words{.size = 14, .colour = theme::kText2};
  canvas.text_within(line.x, card.y + 52, line.width / 2 - 8, q.left_word, words);
  canvas.text(line.right(), card.y + 52, q.right_word,
              {.size = 14, .colour = theme::kText2, .align = Align::kRight});
  if (!q.ppm) return;  // nothing on the line that could anchor an answer
  const float x = line.x + line.width * static_cast<float>(*q.ppm) / 1e6F;
  canvas.fill({x - 1, line.y + 1 - 12, 2, 24}, q.is_frozen ? theme::kText3 : theme::kAccent);
}

void draw_field(Canvas& canvas, const Rect& rect, const std::string& written, const std::string& hint,
                const std::string& unit, bool is_writing) {
  canvas.fill(rect, theme::kKeyCap, theme::kRadius);
  canvas.frame(rect, is_writing ? theme::kAccent : theme::kLineStrong, theme::kRadius);
  const float unit_width = unit.empty() ? 0 : canvas.width_of(unit, {.size = 14}) + 8;
  const float width = rect.width - 24 - unit_width;
  std::string shown = written;
  // What is being written is seen at its end.
  while (!shown.empty() && canvas.width_of(shown, {.size = 15}) > width - 4) {
    shown.erase(0, 1);
    while (!shown.empty() && (static_cast<unsigned char>(shown[0]) & 0xC0U) == 0x80U) shown.erase(0, 1);
  }
  float x = rect.x + 12;
  if (!written.empty()) {
    x += canvas.text(x, rect.middle(), shown, {.size = 15});
  } else if (!is_writing) {
    canvas.text(x, rect.middle(), hint, {.size = 14, .colour = theme::kText3});
  }
  if (is_writing) canvas.fill({x + 2, rect.middle() - 9, 1, 18}, theme::kAccent);
  if (!unit.empty()) {
    canvas.text(rect.right() - 12, rect.middle(), unit,
                {.size = 14, .colour = theme::kText2, .align = Align::kRight});
  }
}

void draw_marks(Canvas& canvas, const Rect& rect, const QuestionView& q, Intents& intents) {
  const float half = (rect.width - kBetween) / 2;
  const std::string count = q.n_marks == 0 ? "click on the film"
                                           : fmt::format("{} of at most {}", q.n_marks, q.most_marks);
  const Intent focus{.action = Action::kFocus, .index = q.index};
  canvas.button({rect.x, rect.y, half, rect.height}, "", count,
                q.is_frozen                      ? ButtonState::kDisabled
                : q.is_focused || q.n_marks > 0 ? ButtonState::kOn
                                                 : ButtonState::kRest,
                [&intents, focus] { intents.push_back(focus); });
  const Intent nothing{.action = Action::kNothingToMark, .index = q.index};
  canvas.button({rect.x + half + kBetween, rect.y, half, rect.height}, "", "Nothing to mark",
                q.has_no_marks                   ? ButtonState::kOn
                : q.is_frozen || q.n_marks > 0 ? ButtonState::kDisabled
                                                 : ButtonState::kRest,
                [&intents, nothing] { intents.push_back(nothing); });
}

void draw_question(Canvas& canvas, const Rect& rect, const ReadingPage& page, const QuestionView& q,
                   Intents& intents) {
  canvas.text(rect.x, rect.y + 10, std::to_string(q.number), {.size = 16, .colour = theme::kText3});
  canvas.paragraph(rect.x + kNumberColumn, rect.y + 10, text_width(q, rect.width), q.text, kQuestion);
  if (takes_tab(q) && !q.is_frozen) {
    const float cap = std::max(24.0F, std::ceil(canvas.width_of("Tab", {.size = 13})) + 14);
    canvas.key_cap(rect.right() - cap, rect.y + 10, "Tab");
  }
  const float head = head_height(canvas, q, rect.width);
  const Rect body{rect.x, rect.y + head, rect.width, rect.height - head};
  if (has_options(q)) {
    draw_options(canvas, body, q, intents);
  } else if (q.type == QuestionType::kVas) {
    draw_vas(canvas, body, q);
  } else if (q.type == QuestionType::kMarks) {
    draw_marks(canvas, body, q, intents);
  } else {
    draw_field(canvas, body, q.written, q.type == QuestionType::kNumber ? "a number" : "text", q.unit,
               q.is_writing);
    if (!q.is_frozen) {
      const Intent focus{.action = Action::kFocus, .index = q.index};
      canvas.area(body, [&intents, focus] { intents.push_back(focus); });
    }
  }
  if (q.is_focused && page.is_focus_visible) draw_focus(canvas, body);
}

std::size_t report_rows(const ReadingPage& page) {
  const std::size_t n = page.flags.size() + (page.has_comments ? 1 : 0);
  return (n + 1) / 2;
}

/// Flags may have long names: they stand in two columns if all fit, else below each other.
bool has_wide_report(const Canvas& canvas, float width, const ReadingPage& page) {
  const float half = (width - kBetween) / 2;
  return std::any_of(page.flags.begin(), page.flags.end(), [&](const FlagView& flag) {
    return canvas.width_of(flag.label, {.size = 14, .weight = Weight::kMedium}) + 57 > half;
  });
}

struct Report {
  std::string key, label;
  bool is_on = false;
  Intent intent;
  bool is_wide = false;
};

std::vector<Report> reports_of(const Canvas& canvas, float width, const ReadingPage& page) {
  const float half = (width - kBetween) / 2;
  std::vector<Report> reports, wide;
  for (std::size_t i = 0; i < page.flags.size(); ++i) {
    const FlagView& flag = page.flags[i];
    Report report{flag.key, flag.label, flag.is_on, {.action = Action::kFlag, .index = i}};
    report.is_wide = canvas.width_of(flag.label, {.size = 14, .weight = Weight::kMedium}) + 57 > half;
    (report.is_wide ? wide : reports).push_back(report);
  }
  if (page.has_comments) {
    reports.push_back({"N", "Comment", page.is_commenting, {.action = Action::kComment}});
  }
  reports.insert(reports.end(), wide.begin(), wide.end());
  return reports;
}

float reports_height(const Canvas& canvas, float width, const ReadingPage& page) {
  if (!has_wide_report(canvas, width, page)) {
    const auto rows = static_cast<float>(report_rows(page));
    return rows == 0 ? 0 : rows * (kReport + kBetween) - kBetween;
  }
  float column = 0, height = 0;
  for (const Report& report : reports_of(canvas, width, page)) {
    if (report.is_wide || column == 0) height += kReport + kBetween;
    column = report.is_wide || column == 1 ? 0 : 1;
  }
  return height - kBetween;
}

void draw_reports(Canvas& canvas, const Rect& rect, const ReadingPage& page, Intents& intents) {
  const float half = (rect.width - kBetween) / 2;
  float y = rect.y;
  int column = 0;
  for (const Report& report : reports_of(canvas, rect.width, page)) {
    if (report.is_wide && column == 1) {
      column = 0;
      y += kReport + kBetween;
    }
    const Rect place{rect.x + (column == 1 ? half + kBetween : 0), y, report.is_wide ? rect.width : half,
                     kReport};
    canvas.button(place, report.key, report.label,
                  report.is_on ? ButtonState::kOn : ButtonState::kRest,
                  [&intents, intent = report.intent] { intents.push_back(intent); });
    if (report.is_wide || column == 1) {
      column = 0;
      y += kReport + kBetween;
    } else {
      column = 1;
    }
  }
}

bool shows_comment(const ReadingPage& page) { return page.is_commenting || !page.comment.empty(); }

}  // namespace

std::int64_t VasLine::ppm_at(float x) const {
  const double share = (static_cast<double>(x) - line.x) / line.width;
  return std::llround(std::clamp(share, 0.0, 1.0) * 1e6);
}

Extent1D question_extent(const Canvas& canvas, float width, const ReadingPage& page, std::size_t i) {
  float y = kTopPadding;
  for (std::size_t k = 0; k < i && k < page.questions.size(); ++k) {
    y += block_height(canvas, page.questions[k], width) + kGap;
  }
  if (i >= page.questions.size()) return {y, y};
  return {y, y + block_height(canvas, page.questions[i], width)};
}

float questions_height(const Canvas& canvas, float width, const ReadingPage& page) {
  const float reports = reports_height(canvas, width, page);
  return question_extent(canvas, width, page, page.questions.size()).top - 4 + reports +
         (shows_comment(page) ? kField + 12 : 0);
}

std::vector<VasLine> vas_lines(const Canvas& canvas, const Rect& rect, const ReadingPage& page) {
  std::vector<VasLine> lines;
  for (std::size_t i = 0; i < page.questions.size(); ++i) {
    const QuestionView& q = page.questions[i];
    if (q.type != QuestionType::kVas || q.is_frozen) continue;
    const Extent1D extent = question_extent(canvas, rect.width, page, i);
    const Rect card{rect.x, rect.y - page.scroll + extent.bottom - kVas, rect.width, kVas};
    lines.push_back({q.index, card, vas_line(card)});
  }
  return lines;
}

void draw_questions(Canvas& canvas, const Rect& rect, const ReadingPage& page, Intents& intents) {
  // Three pixels more on each side: the focus ring lies outside of what it marks.
  canvas.clip({rect.x - 4, rect.y, rect.width + 8, rect.height});
  for (std::size_t i = 0; i < page.questions.size(); ++i) {
    const Extent1D extent = question_extent(canvas, rect.width, page, i);
    draw_question(canvas,
                  {rect.x, rect.y - page.scroll + extent.top, rect.width, extent.bottom - extent.top},
                  page, page.questions[i], intents);
  }
  float y = rect.y - page.scroll +
            question_extent(canvas, rect.width, page, page.questions.size()).top - 4;
  const float reports = reports_height(canvas, rect.width, page);
  draw_reports(canvas, {rect.x, y, rect.width, reports}, page, intents);
  if (shows_comment(page)) {
    const Rect field{rect.x, y + reports + 12, rect.width, kField};
    draw_field(canvas, field, page.comment, "", "", page.is_commenting);
    canvas.area(field, [&intents] { intents.push_back({.action = Action::kComment}); });
  }
  canvas.end_clip();
  const float height = questions_height(canvas, rect.width, page);
  if (height > rect.height) {  // a thin bar: there is more
    const float bar = rect.height * rect.height / height;
    const float at = rect.y + (rect.height - bar) * page.scroll / (height - rect.height);
    canvas.fill({rect.right() + 10, at, 4, bar}, theme::kLineStrong, 2);
  }
}

}  // namespace rationale::ui
