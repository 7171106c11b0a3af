#include "data/image/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rationale {
namespace {

std::size_t offset(const RgbImage& image, int row, int col) {
  return 3 * (static_cast<std::size_t>(row) * static_cast<std::size_t>(image.cols) +
              static_cast<std::size_t>(col));
}

std::uint8_t mix(std::uint8_t below, std::uint8_t above, double alpha) {
  return static_cast<std::uint8_t>(std::lround(std::lerp(below, above, alpha)));
}

double distance_to_segment(Point p, Point a, Point b) {
  const double dr = b.row - a.row, dc = b.col - a.col;
  const double length2 = dr * dr + dc * dc;
  const double t =
      length2 > 0
          ? std::clamp(((p.row - a.row) * dr + (p.col - a.col) * dc) / length2, 0.0, 1.0)
          : 0.0;
  return std::hypot(p.row - a.row - t * dr, p.col - a.col - t * dc);
}

/// How much of each pixel the lines cover, 0 … 1.
class Coverage {
 public:
  Coverage(int rows, int cols)
      : rows_(rows), cols_(cols), values_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {}

  void add(Point a, Point b, double half_width) {
    const double reach = half_width + 1;
    const int first_row = std::max(0, static_cast<int>(std::floor(std::min(a.row, b.row) - reach)));
    const int last_row =
        std::min(rows_ - 1, static_cast<int>(std::ceil(std::max(a.row, b.row) + reach)));
    const int first_col = std::max(0, static_cast<int>(std::floor(std::min(a.col, b.col) - reach)));
    const int last_col =
        std::min(cols_ - 1, static_cast<int>(std::ceil(std::max(a.col, b.col) + reach)));
    for (int row = first_row; row <= last_row; ++row) {
      for (int col = first_col; col <= last_col; ++col) {
        const double distance =
            distance_to_segment({static_cast<double>(row), static_cast<double>(col)}, a, b);
        const auto covered = static_cast<float>(std::clamp(half_width + 0.5 - distance, 0.0, 1.0));
        float& value = values_[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) +
                               static_cast<std::size_t>(col)];
        value = std::max(value, covered);
      }
    }
  }
  float at(int row, int col) const {
    return values_[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) +
                   static_cast<std::size_t>(col)];
  }

 private:
  int rows_, cols_;
  std::vector<float> values_;
};

}  // namespace

RgbImage make_canvas(int rows, int cols, Rgb colour) {
  RgbImage image{rows, cols, {}};
  image.values.resize(3 * static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  fill_rectangle(image, 0, 0, rows, cols, colour);
  return image;
}

Rgb pixel(const RgbImage& image, int row, int col) {
  const std::size_t i = offset(image, row, col);
  return {image.values[i], image.values[i + 1], image.values[i + 2]};
}

void blend(RgbImage& image, int row, int col, Rgb colour, double alpha) {
  if (row < 0 || col < 0 || row >= image.rows || col >= image.cols) return;
  std::uint8_t* values = image.values.data() + offset(image, row, col);
  values[0] = mix(values[0], colour.red, alpha);
  values[1] = mix(values[1], colour.green, alpha);
  values[2] = mix(values[2], colour.blue, alpha);
}

void fill_rectangle(RgbImage& image, int row, int col, int rows, int cols, Rgb colour) {
  for (int r = std::max(row, 0); r < std::min(row + rows, image.rows); ++r) {
    for (int c = std::max(col, 0); c < std::min(col + cols, image.cols); ++c) {
      std::uint8_t* values = image.values.data() + offset(image, r, c);
      values[0] = colour.red;
      values[1] = colour.green;
      values[2] = colour.blue;
    }
  }
}

void paste(RgbImage& image, const RgbImage& part, int row, int col) {
  for (int r = 0; r < part.rows; ++r) {
    for (int c = 0; c < part.cols; ++c) blend(image, row + r, col + c, pixel(part, r, c), 1);
  }
}

void draw_lines(RgbImage& image, std::span<const std::vector<Point>> lines, const Stroke& stroke) {
  Coverage coverage(image.rows, image.cols);
  for (const std::vector<Point>& line : lines) {
    double along = 0;
    for (std::size_t i = 1; i < line.size(); ++i) {
      const double length =
          std::hypot(line[i].row - line[i - 1].row, line[i].col - line[i - 1].col);
      const bool is_drawn =
          stroke.dash <= 0 || std::fmod(along + length / 2, stroke.dash + stroke.gap) < stroke.dash;
      if (is_drawn) coverage.add(line[i - 1], line[i], stroke.width / 2);
      along += length;
    }
  }
  for (int row = 0; row < image.rows; ++row) {
    for (int col = 0; col < image.cols; ++col) {
      const float covered = coverage.at(row, col);
      if (covered > 0) blend(image, row, col, stroke.colour, covered * stroke.alpha);
    }
  }
}

}  // namespace rationale
