// Which part of a picture a rectangle shows: zoom, pan, and pixels that need not be square. No
// window, no GL.
#pragma once

#include "ui/widgets/canvas.h"

namespace rationale::ui {

/// Size of a picture in pixels, and how much taller than wide one pixel is (Spacing::aspect).
struct Extent {
  int rows = 1, cols = 1;
  double aspect = 1;
};

/// Continuous picture position: the first pixel covers [0, 1), its centre is 0.5.
struct PictureSpot {
  double row = 0, col = 0;
};

/// screen x = x0 + col * col_step, y = y0 + row * row_step.
struct Placement {
  double x0 = 0, y0 = 0;
  double col_step = 1, row_step = 1;  ///< logical pixels a picture pixel, > 0

  PictureSpot at(Spot spot) const { return {(spot.y - y0) / row_step, (spot.x - x0) / col_step}; }
  Spot to_screen(PictureSpot spot) const {
    return {static_cast<float>(x0 + spot.col * col_step),
            static_cast<float>(y0 + spot.row * row_step)};
  }
};

class Viewport {
 public:
  static constexpr double kLargestZoom = 32;

  explicit Viewport(Extent extent = {}) { reset(extent); }
  /// The whole picture, centred.
  void reset(Extent extent);
  void fit() { reset(extent_); }

  /// Where the picture lies in `rect`.
  Placement placement(const Rect& rect) const;

  /// By `factor`, so that the picture position under `anchor` stays there. Never smaller than
  /// fitted.
  void zoom(double factor, Spot anchor, const Rect& rect);
  /// By a distance on the screen.
  void pan(float dx, float dy, const Rect& rect);

  double zoom() const { return zoom_; }  ///< 1 = the whole picture is seen
  const Extent& extent() const { return extent_; }

 private:
  void keep_in_sight(const Rect& rect);

  Extent extent_;
  double zoom_ = 1;
  PictureSpot centre_;  // what lies in the middle of the rectangle
};

}  // namespace rationale::ui
