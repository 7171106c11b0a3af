#include "ui/widgets/viewport.h"

#include <algorithm>

namespace rationale::ui {

void Viewport::reset(Extent extent) {
  extent_ = extent;
  zoom_ = 1;
  centre_ = {extent.rows / 2.0, extent.cols / 2.0};
}

Placement Viewport::placement(const Rect& rect) const {
  const double fitted = std::min(rect.width / static_cast<double>(extent_.cols),
                                 rect.height / (extent_.rows * extent_.aspect));
  Placement placement;
  placement.col_step = std::max(fitted, 1e-6) * zoom_;
  placement.row_step = placement.col_step * extent_.aspect;
  placement.x0 = rect.x + rect.width / 2.0 - centre_.col * placement.col_step;
  placement.y0 = rect.y + rect.height / 2.0 - centre_.row * placement.row_step;
  return placement;
}

void Viewport::zoom(double factor, Spot anchor, const Rect& rect) {
  const PictureSpot under = placement(rect).at(anchor);
  zoom_ = std::clamp(zoom_ * factor, 1.0, kLargestZoom);
  const Placement now = placement(rect);
  centre_.col = under.col - (anchor.x - rect.x - rect.width / 2.0) / now.col_step;
  centre_.row = under.row - (anchor.y - rect.y - rect.height / 2.0) / now.row_step;
  keep_in_sight(rect);
}

void Viewport::pan(float dx, float dy, const Rect& rect) {
  const Placement now = placement(rect);
  centre_.col -= dx / now.col_step;
  centre_.row -= dy / now.row_step;
  keep_in_sight(rect);
}

void Viewport::keep_in_sight(const Rect& rect) {
  // Along each axis: centred while it fits, else no black beyond the picture's edge.
  const Placement now = placement(rect);
  const auto kept = [](double centre, double size, double visible) {
    if (visible >= size) return size / 2;
    return std::clamp(centre, visible / 2, size - visible / 2);
  };
  centre_.col = kept(centre_.col, extent_.cols, rect.width / now.col_step);
  centre_.row = kept(centre_.row, extent_.rows, rect.height / now.row_step);
}

}  // namespace rationale::ui
