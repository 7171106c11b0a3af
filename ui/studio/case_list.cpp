#include "ui/studio/case_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

constexpr float kRow = 56, kClassCard = 56, kFooter = 64, kSide = 12;

}  // namespace

void CaseList::draw(Canvas& canvas, const Rect& rail, Browser& browser) {
  canvas.fill(rail, theme::kPanel);
  canvas.line({rail.right() - 1, rail.y}, {rail.right() - 1, rail.bottom()}, theme::kLine);
  draw_class(canvas, {rail.x + kSide, rail.y + 16, rail.width - 2 * kSide, kClassCard}, browser);
  const Rect header{rail.x + kSide, rail.y + 16 + kClassCard + 12, rail.width - 2 * kSide, 36};
  draw_header(canvas, header, browser);

  list_ = {rail.x, header.bottom() + 6, rail.width, rail.bottom() - kFooter - header.bottom() - 6};
  n_rows_ = browser.listed().size();
  visible_ = static_cast<std::size_t>(std::max(1.0F, std::floor(list_.height / kRow)));
  keep_chosen_in_sight(browser);

  if (n_rows_ == 0) {
    canvas.paragraph(rail.x + 24, list_.y + 20, rail.width - 48,
                     browser.is_empty() ? "No case was explained in this folder."
                                        : "No case is called so. Esc shows all.",
                     {.size = 14, .colour = theme::kText3});
  }
  const TextStyle name_style{.size = 15}, note_style{.size = 13, .colour = theme::kText2};
  for (std::size_t i = 0; i < visible_ && first_ + i < n_rows_; ++i) {
    const std::size_t index = browser.listed()[first_ + i];
    const Rect row{rail.x + kSide, list_.y + kRow * static_cast<float>(i), rail.width - 2 * kSide,
                   kRow - 4};
    const bool is_chosen = index == browser.chosen_case();
    const bool is_over = canvas.area(row, [&browser, index] { browser.choose_case(index); });
    if (is_chosen) {
      canvas.fill(row, theme::kAccentFill, theme::kRadius);
      canvas.frame(row, theme::kAccent, theme::kRadius);
    } else if (is_over) {
      canvas.fill(row, theme::kHover, theme::kRadius);
    }
    canvas.text_within(row.x + 12, row.y + 17, row.width - 24, browser.case_name(index),
                       name_style);
    const std::string number = plain_number(browser.logit(index, browser.chosen_class()));
    const float number_width = canvas.width_of(number, note_style);
    const float class_width =
        canvas.text_within(row.x + 12, row.y + 37, row.width - 30 - number_width,
                           browser.classes()[browser.chosen_class()], note_style);
    canvas.text(row.x + 12 + class_width + 6, row.y + 37, number, note_style);
  }

  if (n_rows_ > visible_) {  // how much of the list is seen, and where in it
    const auto share = [&](std::size_t n) {
      return list_.height * static_cast<float>(n) / static_cast<float>(n_rows_);
    };
    canvas.fill({rail.right() - 6, list_.y + share(first_), 3, std::max(16.0F, share(visible_))},
                theme::kLineStrong, 1.5F);
  }

  const float y = rail.bottom() - kFooter / 2;
  const bool is_narrow = rail.width < 240;
  float x = rail.x + (is_narrow ? 12 : 24);
  x += canvas.key_cap(x, y, "↑") + 6;
  x += canvas.key_cap(x, y, "↓") + 8;
  x += canvas.text(x, y, "choose", {.size = 14, .colour = theme::kText2}) + (is_narrow ? 10 : 16);
  const float find = x;
  x += canvas.key_cap(x, y, "/") + 8;
  x += canvas.text(x, y, "find", {.size = 14, .colour = theme::kText2});
  canvas.area({find, y - 12, x - find, 24}, [&browser] { browser.start_search(); });
}

void CaseList::draw_class(Canvas& canvas, const Rect& card, Browser& browser) const {
  canvas.card(card);
  const std::size_t n = browser.classes().size();
  const std::size_t chosen = browser.chosen_class();
  float left = card.x + 12, right = card.right() - 12;
  if (n > 1) {
    const float y = card.middle();
    right -= canvas.key_cap(right - 24, y, "→");
    canvas.area({right, y - 12, 24, 24},
                [&browser, chosen, n] { browser.choose_class((chosen + 1) % n); });
    right -= 30;
    canvas.key_cap(right, y, "←");
    canvas.area({right, y - 12, 24, 24},
                [&browser, chosen, n] { browser.choose_class((chosen + n - 1) % n); });
    right -= 8;
  }
  canvas.text(left, card.y + 18, n > 1 ? fmt::format("Class {} of {}", chosen + 1, n) : "Class",
              {.size = 13, .colour = theme::kText3});
  canvas.text_within(left, card.y + 39, right - left, browser.classes()[chosen],
                     {.size = 15, .weight = Weight::kMedium});
}

void CaseList::draw_header(Canvas& canvas, const Rect& rect, Browser& browser) const {
  const float y = rect.middle();
  if (!browser.is_searching() && browser.searched().empty()) {
    canvas.text(rect.x + 12, y, "Cases, by logit",
                {.size = 14, .colour = theme::kText2, .weight = Weight::kMedium});
    return;
  }
  canvas.fill(rect, theme::kKeyCap, theme::kRadius);
  canvas.frame(rect, browser.is_searching() ? theme::kAccent : theme::kLineStrong, theme::kRadius);
  canvas.area(rect, [&browser] { browser.start_search(); });
  float x = rect.x + 12;
  if (browser.searched().empty()) {
    canvas.text(x + 4, y, "part of a case’s name", {.size = 14, .colour = theme::kTextOff});
  } else {
    x += canvas.text(x, y, browser.searched(), {.size = 14}) + 2;
  }
  if (browser.is_searching()) canvas.line({x, y - 9}, {x, y + 9}, theme::kAccent);
  canvas.text(rect.right() - 12, y, fmt::format("{}", browser.listed().size()),
              {.size = 13, .colour = theme::kText3, .align = Align::kRight});
}

void CaseList::keep_chosen_in_sight(const Browser& browser) {
  const std::size_t place = browser.place_in_list();
  const bool has_moved = place != last_place_ || browser.chosen_class() != last_class_;
  last_place_ = place;
  last_class_ = browser.chosen_class();
  if (has_moved && place < n_rows_) {  // else the wheel decides what is seen
    if (place < first_) first_ = place;
    if (place >= first_ + visible_) first_ = place - visible_ + 1;
  }
  first_ = std::min(first_, n_rows_ > visible_ ? n_rows_ - visible_ : 0);
}

bool CaseList::scroll(float steps, Spot pointer) {
  if (!list_.contains(pointer)) return false;
  const auto wanted =
      static_cast<long long>(first_) - static_cast<long long>(std::lround(steps * 2));
  const long long last = n_rows_ > visible_ ? static_cast<long long>(n_rows_ - visible_) : 0;
  first_ = static_cast<std::size_t>(std::clamp(wanted, 0LL, last));
  return true;
}

}  // namespace rationale::ui
