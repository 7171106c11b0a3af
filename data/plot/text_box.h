// How wide a text will be at most, without a font: charts lay out for the widest font they meet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

/// Upper estimate of the width in px, from the advance widths of DejaVu Sans (the widest of the
/// fonts that the page names or falls back to; Inter is about a tenth narrower). @param utf8  well
/// formed
double text_width(std::string_view utf8, double font_px, bool is_bold);

/// The text, or as much of its beginning as fits before "…".
std::string shorten(std::string_view utf8, double most_px, double font_px, bool is_bold);

struct TextBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  std::string text;
};

/// The box of a label.
TextBox text_box(const PlotLabel& label);

/// The boxes of all labels of a plot, in drawing order.
std::vector<TextBox> text_boxes(const Plot& plot);

}  // namespace rationale
