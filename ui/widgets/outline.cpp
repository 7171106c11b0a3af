#include "ui/widgets/outline.h"

#include <utility>

#include "data/image/contour.h"
#include "data/image/resample.h"

namespace rationale::ui {
namespace {

constexpr int kSteps = 8;  // samples a cell

}  // namespace

std::vector<OutlineLine> outlines(const Plane& map, double level) {
  std::vector<OutlineLine> lines;
  if (map.rows < 1 || map.cols < 1) return lines;
  const Plane fine = upsample_bilinear(map, map.rows * kSteps, map.cols * kSteps);
  const Affine to_cells = grid_to_pixels(fine.rows, fine.cols, map.rows, map.cols);
  for (const std::vector<Point>& contour : contour_lines(fine, level)) {
    OutlineLine line;
    line.is_closed = contour.size() > 2 && contour.front().row == contour.back().row &&
                     contour.front().col == contour.back().col;
    line.spots.reserve(contour.size());
    for (const Point point : contour) line.spots.push_back(apply(to_cells, point));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace rationale::ui
