#include "data/image/geometry.h"

#include <cassert>

namespace rationale {

Point apply(const Affine& affine, Point point) {
  return {affine.row_scale * point.row + affine.row_offset,
          affine.col_scale * point.col + affine.col_offset};
}

Affine compose(const Affine& first, const Affine& second) {
  return {.row_scale = second.row_scale * first.row_scale,
          .row_offset = second.row_scale * first.row_offset + second.row_offset,
          .col_scale = second.col_scale * first.col_scale,
          .col_offset = second.col_scale * first.col_offset + second.col_offset};
}

Affine inverse(const Affine& affine) {
  assert(affine.row_scale != 0 && affine.col_scale != 0);
  return {.row_scale = 1 / affine.row_scale,
          .row_offset = -affine.row_offset / affine.row_scale,
          .col_scale = 1 / affine.col_scale,
          .col_offset = -affine.col_offset / affine.col_scale};
}

Affine grid_to_pixels(int n_rows, int n_cols, int rows, int cols) {
  assert(n_rows > 0 && n_cols > 0);
  const double row_scale = static_cast<double>(rows) / n_rows;
  const double col_scale = static_cast<double>(cols) / n_cols;
  // The centre of cell i lies at (i + 1/2) s from the edge, and pixel centres are 1/2 from it.
  return {.row_scale = row_scale,
          .row_offset = 0.5 * row_scale - 0.5,
          .col_scale = col_scale,
          .col_offset = 0.5 * col_scale - 0.5};
}

}  // namespace rationale
