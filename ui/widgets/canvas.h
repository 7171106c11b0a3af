// What panels draw on: rectangles, lines and text in logical pixels, and the places that answer to
// a click. Positions are in logical pixels of the window (scale 1 = 96 dpi) with y downwards.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ui/widgets/fonts.h"
#include "ui/widgets/theme.h"

struct ImDrawList;

namespace rationale::ui {

struct Spot {
  float x = 0, y = 0;
};

struct Rect {
  float x = 0, y = 0, width = 0, height = 0;

  float right() const { return x + width; }
  float bottom() const { return y + height; }
  float middle() const { return y + height / 2; }
  bool contains(Spot spot) const {
    return spot.x >= x && spot.x < right() && spot.y >= y && spot.y < bottom();
  }
};

enum class Align { kLeft, kCentre, kRight };
enum class ButtonState { kRest, kOn, kDisabled };

struct TextStyle {
  float size = 15;
  Colour colour = theme::kText1;
  Weight weight = Weight::kRegular;
  Align align = Align::kLeft;
};

/// Where a click does something. Kept from one drawing to the next, so that a click between two
/// frames is answered by what was on the screen.
class ClickAreas {
 public:
  void add(const Rect& rect, std::function<void()> action);
  /// Does what the topmost area under `spot` says. False if there is none.
  bool click(Spot spot) const;
  bool is_over(Spot spot) const;
  void clear() { areas_.clear(); }

 private:
  struct Area {
    Rect rect;
    std::function<void()> action;
  };
  std::vector<Area> areas_;
};

class Canvas {
 public:
  /// @param scale  window units a logical pixel  @param pointer  in logical pixels
  Canvas(ImDrawList& list, const Fonts& fonts, ClickAreas& areas, float scale, Spot pointer)
      : list_(list), fonts_(fonts), areas_(areas), scale_(scale), pointer_(pointer) {}

  void fill(const Rect& rect, Colour colour, float radius = 0);
  /// Along the inner edge of `rect`.
  void frame(const Rect& rect, Colour colour, float radius = 0, float thickness = 1);
  void line(Spot from, Spot to, Colour colour, float thickness = 1);
  void dashed_line(Spot from, Spot to, Colour colour, float thickness, float dash, float gap);
  void polyline(const std::vector<Spot>& spots, Colour colour, float thickness);
  /// Diagonal strokes inside `rect`: what is not explained.
  void hatch(const Rect& rect, Colour colour, float distance = 6);
  /// A tick mark (done, holds), about `size` wide around `centre`.
  void tick(Spot centre, float size, Colour colour);

  /// One line; `y` is the middle of its capitals. Returns its width.
  float text(float x, float y, const std::string& text, const TextStyle& style = {});
  /// The same, cut with … where it would be wider than `width`.
  float text_within(float x, float y, float width, const std::string& text,
                    const TextStyle& style = {});
  /// Several lines of at most `width`, `y` the middle of the first one's capitals. Returns the
  /// height used: lines times 1.5 times the size.
  float paragraph(float x, float y, float width, const std::string& text,
                  const TextStyle& style = {});
  float width_of(const std::string& text, const TextStyle& style = {}) const;
  /// The lines that `paragraph` would draw.
  std::vector<std::string> wrapped(const std::string& text, float width,
                                   const TextStyle& style) const;

  void clip(const Rect& rect);
  void end_clip();

  /// A card: surface and border.
  void card(const Rect& rect);
  /// The key that does it, 24 high. Returns its width, max(24, text + 14).
  float key_cap(float x, float y_middle, const std::string& key,
                ButtonState state = ButtonState::kRest);
  /// Key cap and label; `action` on a click.
  void button(const Rect& rect, const std::string& key, const std::string& label, ButtonState state,
              std::function<void()> action);
  /// A place without a look of its own. Returns whether the pointer is over it.
  bool area(const Rect& rect, std::function<void()> action);
  bool is_hovered(const Rect& rect) const { return rect.contains(pointer_); }

  float scale() const { return scale_; }
  ImDrawList& list() { return list_; }

 private:
  std::string drawable(const std::string& text) const;

  ImDrawList& list_;
  const Fonts& fonts_;
  ClickAreas& areas_;
  float scale_;
  Spot pointer_;
};

}  // namespace rationale::ui
