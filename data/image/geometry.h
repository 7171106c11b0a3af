// Where a map's cell lies in a picture: axis-aligned affine maps between pixel grids, half-pixel
// centres.
#pragma once

namespace rationale {

/// row' = row_scale * row + row_offset, col' = col_scale * col + col_offset, for pixel-centre
/// coordinates (the centre of the first pixel is 0).
struct Affine {
  double row_scale = 1, row_offset = 0;
  double col_scale = 1, col_offset = 0;
};

struct Point {
  double row = 0, col = 0;
};

Point apply(const Affine& affine, Point point);
/// `second` after `first`.
Affine compose(const Affine& first, const Affine& second);
/// @pre both scales are not zero
Affine inverse(const Affine& affine);

/// Maps positions of an n_rows x n_cols grid onto an rows x cols picture of the same extent,
/// half-pixel centres (align_corners = false): cell i covers input pixels [i s, (i+1) s).
Affine grid_to_pixels(int n_rows, int n_cols, int rows, int cols);

}  // namespace rationale
