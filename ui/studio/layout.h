// Where the panels of the page "Explain" lie, in logical pixels. Drawn for 1600 x 1000; the film
// takes what the text columns leave.
#pragma once

#include "ui/widgets/canvas.h"

namespace rationale::ui {

struct Layout {
  Rect top_bar, rail;
  Rect image;     ///< black; the film is fitted into it
  Rect controls;  ///< buttons and opacity
  Rect scale;     ///< colour bar and its words
  Rect classes;   ///< what the model says of this film, class by class
  Rect sentence;  ///< its height is the least; the card grows with the text
  Rect decision;
};

/// A folder without concepts has no waterfall: its film is larger.
enum class RightColumn { kWords, kWaterfall };

/// @param aspect  height / width of the film as displayed
Layout layout(float width, float height, double aspect, std::size_t n_classes,
              RightColumn right = RightColumn::kWaterfall);

/// Columns and rows of the class table in a rectangle of this width.
struct ClassTable {
  std::size_t columns = 1, rows = 1;
};
ClassTable class_table(float width, std::size_t n_classes);

}  // namespace rationale::ui
