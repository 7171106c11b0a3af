// Left rail: the class, the cases by its logit, search.
#pragma once

#include <cstddef>

#include "ui/studio/browser.h"
#include "ui/widgets/canvas.h"

namespace rationale::ui {

class CaseList {
 public:
  void draw(Canvas& canvas, const Rect& rail, Browser& browser);
  /// Wheel over the list. True if it was used.
  bool scroll(float steps, Spot pointer);

 private:
  void draw_class(Canvas& canvas, const Rect& rail, Browser& browser) const;
  void draw_header(Canvas& canvas, const Rect& rect, Browser& browser) const;
  void keep_chosen_in_sight(const Browser& browser);

  Rect list_;                // as drawn last
  std::size_t first_ = 0;    // row at the top
  std::size_t visible_ = 1;  // whole rows
  std::size_t n_rows_ = 0;
  std::size_t last_place_ = 0;  // of the chosen case, to follow it when it moves
  std::size_t last_class_ = 0;
};

}  // namespace rationale::ui
