#include "ui/widgets/canvas.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace rationale::ui {
namespace {

ImU32 packed(Colour colour) {
  return IM_COL32(colour.red, colour.green, colour.blue, colour.alpha);
}

/// Whether `text[at]` begins a character (is not a continuation byte of UTF-8).
bool begins_character(const std::string& text, std::size_t at) {
  return (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

}  // namespace

void ClickAreas::add(const Rect& rect, std::function<void()> action) {
  areas_.push_back({rect, std::move(action)});
}

bool ClickAreas::click(Spot spot) const {
  const auto found = std::find_if(areas_.rbegin(), areas_.rend(),
                                  [&](const Area& area) { return area.rect.contains(spot); });
  if (found == areas_.rend()) return false;
  const std::function<void()> action = found->action;  // the action may lead to new areas
  if (action) action();
  return true;
}

bool ClickAreas::is_over(Spot spot) const {
  return std::any_of(areas_.begin(), areas_.end(),
                     [&](const Area& area) { return area.rect.contains(spot); });
}

void Canvas::fill(const Rect& rect, Colour colour, float radius) {
  list_.AddRectFilled({rect.x * scale_, rect.y * scale_},
                      {rect.right() * scale_, rect.bottom() * scale_}, packed(colour),
                      radius * scale_);
}

void Canvas::frame(const Rect& rect, Colour colour, float radius, float thickness) {
  // AddRect draws around half-pixel centres; the line lies inside the rectangle.
  const float width = std::max(1.0F, std::round(thickness * scale_));
  const float inset = (width - 1) / 2;
  list_.AddRect(
      {std::round(rect.x * scale_) + inset, std::round(rect.y * scale_) + inset},
      {std::round(rect.right() * scale_) - inset, std::round(rect.bottom() * scale_) - inset},
      packed(colour), radius * scale_, 0, width);
}

void Canvas::line(Spot from, Spot to, Colour colour, float thickness) {
  const float width = std::max(1.0F, thickness * scale_);
  ImVec2 a{from.x * scale_, from.y * scale_}, b{to.x * scale_, to.y * scale_};
  if (from.x == to.x || from.y == to.y) {  // on whole pixels, so that thin lines stay thin and even
    a = {std::round(a.x), std::round(a.y)};
    b = {std::round(b.x), std::round(b.y)};
    const float w = std::round(width);
    const ImVec2 low{std::min(a.x, b.x), std::min(a.y, b.y)},
        high{std::max(a.x, b.x), std::max(a.y, b.y)};
    list_.AddRectFilled(low, from.x == to.x ? ImVec2{low.x + w, high.y} : ImVec2{high.x, low.y + w},
                        packed(colour));
    return;
  }
  list_.AddLine(a, b, packed(colour), width);
}

void Canvas::dashed_line(Spot from, Spot to, Colour colour, float thickness, float dash,
                         float gap) {
  const float length = std::hypot(to.x - from.x, to.y - from.y);
  if (!(length > 0)) return;
  const float dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
  for (float at = 0; at < length; at += dash + gap) {
    const float end = std::min(at + dash, length);
    line({from.x + dx * at, from.y + dy * at}, {from.x + dx * end, from.y + dy * end}, colour,
         thickness);
  }
}

void Canvas::polyline(const std::vector<Spot>& spots, Colour colour, float thickness) {
  std::vector<ImVec2> points;
  points.reserve(spots.size());
  for (const Spot spot : spots) points.push_back({spot.x * scale_, spot.y * scale_});
  list_.AddPolyline(points.data(), static_cast<int>(points.size()), packed(colour), 0,
                    thickness * scale_);
}

void Canvas::hatch(const Rect& rect, Colour colour, float distance) {
  clip(rect);
  for (float x = rect.x - rect.height; x < rect.right(); x += distance) {
    line({x, rect.bottom()}, {x + rect.height, rect.y}, colour, 1);
  }
  end_clip();
}

void Canvas::tick(Spot centre, float size, Colour colour) {
  polyline({{centre.x - size * 0.5F, centre.y},
            {centre.x - size * 0.15F, centre.y + size * 0.35F},
            {centre.x + size * 0.5F, centre.y - size * 0.4F}},
           colour, 1.8F);
}

std::string Canvas::drawable(const std::string& text) const {
  return fonts_.is_built_in() ? spelled_in_latin1(text) : text;
}

float Canvas::width_of(const std::string& text, const TextStyle& style) const {
  const Face& face = fonts_.face(style.size, style.weight);
  const std::string shown = drawable(text);
  return face.font
             ->CalcTextSizeA(face.pixel_size, 1e9F, 0, shown.data(), shown.data() + shown.size())
             .x /
         scale_;
}

float Canvas::text(float x, float y, const std::string& text, const TextStyle& style) {
  const Face& face = fonts_.face(style.size, style.weight);
  const std::string shown = drawable(text);
  const float width = width_of(text, style);
  const float left = style.align == Align::kLeft     ? x
                     : style.align == Align::kCentre ? x - width / 2
                                                     : x - width;
  const ImVec2 position{std::round(left * scale_),
                        std::round(y * scale_ + face.cap_height / 2 - face.ascent)};
  list_.AddText(face.font, face.pixel_size, position, packed(style.colour), shown.data(),
                shown.data() + shown.size());
  return width;
}

float Canvas::text_within(float x, float y, float width, const std::string& full,
                          const TextStyle& style) {
  if (width_of(full, style) <= width) return text(x, y, full, style);
  std::string cut = full;
  while (!cut.empty()) {
    do {
      cut.pop_back();
    } while (!cut.empty() && !begins_character(full, cut.size()));
    if (width_of(cut + "…", style) <= width) break;
  }
  return text(x, y, cut + "…", style);
}

std::vector<std::string> Canvas::wrapped(const std::string& text, float width,
                                         const TextStyle& style) const {
  std::vector<std::string> lines;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find_first_of(" \n", at);
    if (end == std::string::npos) end = text.size();
    std::string word = text.substr(at, end - at);
    while (width_of(word, style) > width) {  // a path longer than a line is broken where it must be
      std::size_t fitting = word.size();
      do {
        --fitting;
      } while (fitting > 1 && (!begins_character(word, fitting) ||
                               width_of(word.substr(0, fitting), style) > width));
      if (!line.empty()) lines.push_back(std::exchange(line, ""));
      if (fitting == 0 || word.size() < 2) break;
      lines.push_back(word.substr(0, fitting));
      word.erase(0, fitting);
    }
    if (line.empty()) {
      line = word;
    } else if (width_of(line + " " + word, style) <= width) {
      line += " " + word;
    } else {
      lines.push_back(std::exchange(line, word));
    }
    if (end < text.size() && text[end] == '\n') lines.push_back(std::exchange(line, ""));
    at = end + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

float Canvas::paragraph(float x, float y, float width, const std::string& text_,
                        const TextStyle& style) {
  const std::vector<std::string> lines = wrapped(text_, width, style);
  float at = y;
  for (const std::string& line : lines) {
    text(x, at, line, style);
    at += std::round(style.size * 1.5F);
  }
  return at - y;
}

void Canvas::clip(const Rect& rect) {
  list_.PushClipRect({rect.x * scale_, rect.y * scale_},
                     {rect.right() * scale_, rect.bottom() * scale_}, true);
}

void Canvas::end_clip() { list_.PopClipRect(); }

void Canvas::card(const Rect& rect) {
  fill(rect, theme::kCard, theme::kRadius);
  frame(rect, theme::kLine, theme::kRadius);
}

float Canvas::key_cap(float x, float y_middle, const std::string& key, ButtonState state) {
  const Colour colour = state == ButtonState::kOn         ? theme::kAccent
                        : state == ButtonState::kDisabled ? theme::kTextOff
                                                          : theme::kText2;
  const TextStyle style{.size = 13, .colour = colour, .align = Align::kCentre};
  const float width = std::max(24.0F, std::ceil(width_of(key, style)) + 14);
  const Rect cap{x, y_middle - 12, width, 24};
  fill(cap, theme::kKeyCap, theme::kKeyCapRadius);
  frame(cap,
        state == ButtonState::kOn         ? theme::kAccent
        : state == ButtonState::kDisabled ? theme::kLine
                                          : theme::kLineStrong,
        theme::kKeyCapRadius);
  text(x + width / 2, y_middle, key, style);
  return width;
}

void Canvas::button(const Rect& rect, const std::string& key, const std::string& label,
                    ButtonState state, std::function<void()> action) {
  const bool is_hovered_now = state != ButtonState::kDisabled && is_hovered(rect);
  if (state == ButtonState::kOn) {
    fill(rect, theme::kAccentFill, theme::kRadius);
    frame(rect, theme::kAccent, theme::kRadius);
  } else {
    if (state == ButtonState::kRest) {
      fill(rect, is_hovered_now ? theme::kHover : theme::kControl, theme::kRadius);
    }
    frame(rect, theme::kLine, theme::kRadius);
  }
  const float cap = key.empty() ? 0 : key_cap(rect.x + 12, rect.middle(), key, state) + 9;
  text_within(rect.x + 12 + cap, rect.middle(), rect.width - 20 - cap, label,
              {.size = 14,
               .colour = state == ButtonState::kDisabled ? theme::kTextOff : theme::kText1,
               .weight = state == ButtonState::kOn ? Weight::kMedium : Weight::kRegular});
  if (state != ButtonState::kDisabled) areas_.add(rect, std::move(action));
}

bool Canvas::area(const Rect& rect, std::function<void()> action) {
  areas_.add(rect, std::move(action));
  return is_hovered(rect);
}

}  // namespace rationale::ui
