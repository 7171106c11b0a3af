// Where things lie: viewport and outlines, without a window.
#include <algorithm>
#include <cmath>

#include "tests/support/catch.h"
#include "ui/widgets/outline.h"
#include "ui/widgets/viewport.h"

using namespace rationale;
using namespace rationale::ui;

TEST_CASE("A fitted picture is whole, centred and keeps its proportions", "[ui][viewport]") {
  const Rect rect{100, 50, 600, 400};
  const Viewport view({.rows = 200, .cols = 100, .aspect = 1});
  const Placement p = view.placement(rect);
  CHECK(p.row_step == Approx(2));
  CHECK(p.col_step == Approx(2));
  CHECK(p.to_screen({0, 0}).y == Approx(50));
  CHECK(p.to_screen({100, 50}).x == Approx(400));
}

TEST_CASE("Pixels that are twice as tall as wide are drawn so", "[ui][viewport]") {
  const Viewport view({.rows = 100, .cols = 200, .aspect = 2});
  const Placement p = view.placement({0, 0, 400, 400});
  CHECK(p.row_step == Approx(2 * p.col_step));
  CHECK(p.row_step * 100 == Approx(400));
}

TEST_CASE("Zooming keeps the place under the pointer where it is", "[ui][viewport]") {
  const Rect rect{0, 0, 500, 500};
  Viewport view({.rows = 1000, .cols = 1000});
  const Spot anchor{300, 220};
  const PictureSpot before = view.placement(rect).at(anchor);
  view.zoom(4, anchor, rect);
  const PictureSpot after = view.placement(rect).at(anchor);
  CHECK(after.row == Approx(before.row));
  CHECK(after.col == Approx(before.col));
  CHECK(view.zoom() == Approx(4));
}

TEST_CASE("No drag shows black beyond the edge of a film that fills the rectangle",
          "[ui][viewport]") {
  const Rect rect{0, 0, 500, 500};
  Viewport view({.rows = 1000, .cols = 1000});
  view.zoom(2, {250, 250}, rect);
  view.pan(9999, -9999, rect);
  const Placement p = view.placement(rect);
  CHECK(p.at({0, 0}).col == Approx(0).margin(1e-6));
  CHECK(p.at({0, 500}).row == Approx(1000));
}

TEST_CASE("An outline lies where the bilinear surface has its level", "[ui][outline]") {
  // A cone with its top at cell (4, 4): the level 1 is a closed curve about 2 cells around it.
  Plane map{9, 9, std::vector<float>(81)};
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 9; ++j) {
      map.values[static_cast<std::size_t>(i * 9 + j)] =
          static_cast<float>(3 - std::hypot(i - 4, j - 4));
    }
  }
  const auto lines = outlines(map, 1);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].is_closed);
  for (const Point& spot : lines[0].spots) {
    // Bilinear interpolation of a cone is off by at most 0.1 cell here.
    CHECK(std::hypot(spot.row - 4, spot.col - 4) == Approx(2).margin(0.15));
  }
}

TEST_CASE("An outline that reaches the border is open and ends there", "[ui][outline]") {
  const Plane map{2, 3, {0, 1, 2, 0, 1, 2}};  // grows to the right: level 0.5 is a vertical line
  const auto lines = outlines(map, 0.5);
  REQUIRE(lines.size() == 1);
  CHECK_FALSE(lines[0].is_closed);
  const auto [top, bottom] =
      std::minmax_element(lines[0].spots.begin(), lines[0].spots.end(),
                          [](const Point& a, const Point& b) { return a.row < b.row; });
  CHECK(top->row == Approx(-0.5).margin(0.07));
  CHECK(bottom->row == Approx(1.5).margin(0.07));
  for (const Point& spot : lines[0].spots) CHECK(spot.col == Approx(0.5));
}

TEST_CASE("A map without the level has no outline", "[ui][outline]") {
  CHECK(outlines({2, 2, {0, 0, 0, 0}}, 0.5).empty());
  CHECK(outlines({1, 1, {1}}, 2).empty());
}

TEST_CASE("Every outline of a rough map is joined: none is left as single strokes",
          "[ui][outline]") {
  Plane map{6, 6, std::vector<float>(36)};
  const auto seed = GENERATE(1U, 2U, 3U);
  unsigned state = seed;
  for (float& v : map.values) {
    state = state * 1664525U + 1013904223U;
    v = static_cast<float>(state >> 16U) / 65536.0F;
  }
  for (const OutlineLine& line : outlines(map, 0.5)) {
    REQUIRE(line.spots.size() > 2);
    if (line.is_closed) continue;
    for (const Point& end : {line.spots.front(), line.spots.back()}) {
      const bool is_at_border = std::abs(end.row + 0.5) < 0.07 || std::abs(end.row - 5.5) < 0.07 ||
                                std::abs(end.col + 0.5) < 0.07 || std::abs(end.col - 5.5) < 0.07;
      CHECK(is_at_border);
    }
  }
}
