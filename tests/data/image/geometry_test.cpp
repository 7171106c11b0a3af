#include "data/image/geometry.h"

#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("a cell of a 7 x 7 map lies in the middle of its 32 pixels", "[data][geometry]") {
  const Affine map = grid_to_pixels(7, 7, 224, 224);
  const Point first = apply(map, {0, 6});
  CHECK(first.row == Approx(15.5));           // pixels 0 to 31
  CHECK(first.col == Approx(6 * 32 + 15.5));  // pixels 192 to 223
}

TEST_CASE("an affine and its inverse cancel, and composition is first then second",
          "[data][geometry]") {
  const Affine a{2, 1, 3, -1};
  const Affine b{0.5, 4, 5, 2};
  const Point p{7, 11};
  const Point both = apply(compose(a, b), p);
  const Point steps = apply(b, apply(a, p));
  CHECK(both.row == steps.row);
  CHECK(both.col == steps.col);
  const Point back = apply(inverse(a), apply(a, p));
  CHECK(back.row == Approx(p.row));
  CHECK(back.col == Approx(p.col));
}
