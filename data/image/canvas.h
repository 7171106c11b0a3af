// A colour picture and what is drawn on it: rectangles and lines with soft edges.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/image/colour_map.h"
#include "data/image/geometry.h"

namespace rationale {

/// rows x cols x (red, green, blue), row-major, sRGB.
struct RgbImage {
  int rows = 0, cols = 0;
  std::vector<std::uint8_t> values;
};

RgbImage make_canvas(int rows, int cols, Rgb colour);

/// @pre inside the image
Rgb pixel(const RgbImage& image, int row, int col);

/// Mixes `colour` over the pixel; alpha in 0 … 1. Positions outside are ignored.
void blend(RgbImage& image, int row, int col, Rgb colour, double alpha);

/// Cut to the image.
void fill_rectangle(RgbImage& image, int row, int col, int rows, int cols, Rgb colour);

/// Copies `part` with its first pixel at (row, col), cut to the image.
void paste(RgbImage& image, const RgbImage& part, int row, int col);

struct Stroke {
  double width = 1.5;  ///< px
  Rgb colour;
  double alpha = 1;
  double dash = 0, gap = 0;  ///< px along the line; dash 0 = solid
};

/// Lines through pixel centres, soft edged. Where lines of one call cross, colour is laid on once.
void draw_lines(RgbImage& image, std::span<const std::vector<Point>> lines, const Stroke& stroke);

}  // namespace rationale
