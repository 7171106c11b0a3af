// Heatmaps on films: right places, right colours, words that say what the colours cannot.
#include "data/image/overlay.h"

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/image/contour.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

Plane grey_film(int rows, int cols, float value = 0.5F) {
  return {rows, cols,
          std::vector<float>(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), value)};
}

Plane map_with(int rows, int cols, int row, int col, float value) {
  Plane map = grey_film(rows, cols, 0);
  map.values[static_cast<std::size_t>(row * cols + col)] = value;
  return map;
}

float at(const Plane& plane, int row, int col) {
  return plane.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(plane.cols) +
                      static_cast<std::size_t>(col)];
}

bool is_grey(Rgb colour) { return colour.red == colour.green && colour.green == colour.blue; }

/// Pixels in which two pictures of one size differ.
int differences(const RgbImage& a, const RgbImage& b, int first_col, int last_col) {
  REQUIRE(a.rows == b.rows);
  REQUIRE(a.cols == b.cols);
  int count = 0;
  for (int row = 0; row < a.rows; ++row) {
    for (int col = first_col; col < last_col; ++col) {
      count += pixel(a, row, col) == pixel(b, row, col) ? 0 : 1;
    }
  }
  return count;
}

OverlayCaption caption() {
  return {.case_name = "p0003",
          .class_name = "mass",
          .output = 3.1,
          .score = 0.96,
          .threshold = 0.5,
          .method = "grad_cam",
          .layer = "features.3",
          .model = "phantom",
          .sentence = "Flagged mass, primarily because of rounded opacity.",
          .scale_note = ""};
}

}  // namespace

TEST_CASE("viridis has the published colours at both ends and in the middle", "[data][overlay]") {
  // matplotlib's table: (0.267004, 0.004874, 0.329415), (0.127568, 0.566949, 0.550556) at 128,
  // (0.993248, 0.906157, 0.143936).
  CHECK(viridis(0) == Rgb{68, 1, 84});
  CHECK(viridis(1) == Rgb{253, 231, 37});
  const Rgb middle = viridis(128 / 255.0);
  CHECK(std::abs(middle.red - 33) <= 1);
  CHECK(std::abs(middle.green - 145) <= 1);
  CHECK(std::abs(middle.blue - 140) <= 1);
  CHECK(viridis(-5) == viridis(0));
  CHECK(viridis(7) == viridis(1));
}

TEST_CASE("the alpha ramp is nothing below a tenth and full above a half", "[data][overlay]") {
  CHECK(smoothstep(0.1, 0.5, 0.1) == 0);
  CHECK(smoothstep(0.1, 0.5, 0.3) == Approx(0.5));
  CHECK(smoothstep(0.1, 0.5, 0.5) == 1);
  CHECK(smoothstep(0.1, 0.5, -3) == 0);
}

TEST_CASE("films keep their true aspect and are enlarged to the least side", "[data][overlay]") {
  const FilmPlace tall = place_film(100, 100, 2.0, 512, 1024);  // rows are twice as far apart
  CHECK(tall.rows == 512);
  CHECK(tall.cols == 256);
  const FilmPlace large = place_film(2500, 2000, 1.0, 512, 1024);
  CHECK(large.rows == 1024);
  CHECK(large.cols == 819);
  const FilmPlace own = place_film(600, 700, 1.0, 512, 1024);
  CHECK(own.rows == 600);
  CHECK(own.cols == 700);
}

TEST_CASE("a cell lands on its own pixels, with anisotropic spacing too", "[data][overlay]") {
  // 4 x 4 cells on a 40 x 80 picture whose rows are twice as far apart: 640 x 640 on the screen, so
  // cell (1, 2) covers rows 160 to 319 and columns 320 to 479.
  const FilmPlace place = place_film(40, 80, 2.0, 640, 640);
  REQUIRE(place.rows == 640);
  REQUIRE(place.cols == 640);
  const Plane screen =
      map_on_screen(map_with(4, 4, 1, 2, 8), grid_to_pixels(4, 4, 40, 80), place);
  const auto largest = std::ranges::max_element(screen.values) - screen.values.begin();
  CHECK(largest / 640 >= 239);
  CHECK(largest / 640 <= 240);
  CHECK(largest % 640 >= 399);
  CHECK(largest % 640 <= 400);
  // Bilinear, half-pixel centres: half the value at the cell's edges, nothing a cell further.
  CHECK(at(screen, 160, 400) == Approx(4).margin(0.06));
  CHECK(at(screen, 319, 400) == Approx(4).margin(0.06));
  CHECK(at(screen, 240, 320) == Approx(4).margin(0.06));
  CHECK(at(screen, 240, 479) == Approx(4).margin(0.06));
  CHECK(at(screen, 79, 400) == 0);
  CHECK(at(screen, 240, 561) == 0);
}

TEST_CASE("the outermost cells reach the film's edge", "[data][overlay]") {
  const FilmPlace place = place_film(64, 64, 1.0, 64, 64);
  const Plane screen = map_on_screen(map_with(4, 4, 0, 0, 1), grid_to_pixels(4, 4, 64, 64), place);
  CHECK(at(screen, 0, 0) == 1);
  CHECK(at(screen, 7, 7) == 1);
  CHECK(at(screen, 8, 0) < 1);
}

TEST_CASE("maps of cropped and padded inputs land where the network looked", "[data][overlay]") {
  // crop_center: the network saw columns 20 to 59 of an 80-column film, as 40 x 40.
  const FilmPlace place = place_film(40, 80, 1.0, 80, 80);
  const Affine cropped = compose(grid_to_pixels(2, 2, 40, 40), Affine{1, 0, 1, 20});
  const Plane screen = map_on_screen(grey_film(2, 2, 1), cropped, place);
  CHECK(at(screen, 20, 19) == 0);
  CHECK(at(screen, 20, 20) == 1);
  CHECK(at(screen, 20, 59) == 1);
  CHECK(at(screen, 20, 60) == 0);
  // pad: 80 x 80 with the film in rows 20 to 59, so the lower cells begin at film row 20.
  const Affine padded = compose(grid_to_pixels(2, 2, 80, 80), Affine{1, -20, 1, 0});
  const Plane below = map_on_screen(map_with(2, 2, 1, 0, 1), padded, place);
  CHECK(at(below, 39, 0) > 0.9);
  CHECK(at(below, 19, 0) == Approx(0.4875));  // half a pixel before the border of the cells
  CHECK(at(below, 0, 0) < 0.03);
}

TEST_CASE("colour appears only where there is positive evidence", "[data][overlay]") {
  const FilmPlace place = place_film(8, 8, 1.0, 256, 256);
  Plane map = map_with(8, 8, 2, 2, 2);
  map.values[8 * 6 + 6] = -2;
  RgbImage film = render_film(grey_film(8, 8), place);
  lay_over(film, map_on_screen(map, grid_to_pixels(8, 8, 8, 8), place), {.scale = 2, .opacity = 0.5});
  // Half grey (128), half viridis at about 0.98.
  const Rgb peak = pixel(film, 79, 79);
  const Rgb full = viridis(0.97);
  CHECK(std::abs(peak.red - (128 + full.red) / 2) <= 2);
  CHECK(std::abs(peak.green - (128 + full.green) / 2) <= 2);
  CHECK(std::abs(peak.blue - (128 + full.blue) / 2) <= 2);
  CHECK(pixel(film, 208, 208) == Rgb{128, 128, 128});  // against: not coloured
  CHECK(pixel(film, 128, 16) == Rgb{128, 128, 128});   // nothing
}

TEST_CASE("colours are fixed by the scale, not by the image's own maximum", "[data][overlay]") {
  const FilmPlace place = place_film(8, 8, 1.0, 256, 256);
  const auto drawn = [&](float value) {
    RgbImage film = render_film(grey_film(8, 8), place);
    lay_over(film, map_on_screen(map_with(8, 8, 4, 4, value), grid_to_pixels(8, 8, 8, 8), place),
             {.scale = 10});
    return film;
  };
  CHECK_FALSE(is_grey(pixel(drawn(10), 144, 144)));
  CHECK(is_grey(pixel(drawn(0.5), 144, 144)));  // below a tenth of the scale
}

TEST_CASE("contour lines close around a peak at the level", "[data][overlay]") {
  // A cone of height 10 - distance: the level 4 is a circle of radius 6.
  Plane cone{41, 41, {}};
  for (int row = 0; row < 41; ++row) {
    for (int col = 0; col < 41; ++col) {
      cone.values.push_back(static_cast<float>(10 - std::hypot(row - 20, col - 20)));
    }
  }
  const auto lines = contour_lines(cone, 4);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].front().row == lines[0].back().row);
  CHECK(lines[0].front().col == lines[0].back().col);
  for (const Point& point : lines[0]) {
    CHECK(std::hypot(point.row - 20, point.col - 20) == Approx(6).margin(0.05));
  }
  CHECK(contour_lines(cone, 11).empty());
  // A level that the border cuts gives an open line.
  const Plane ramp{2, 3, {0, 1, 2, 0, 1, 2}};
  const auto open = contour_lines(ramp, 1.5);
  REQUIRE(open.size() == 1);
  CHECK(open[0].size() == 2);
  CHECK(open[0][0].col == Approx(1.5));
}

TEST_CASE("outlines show both signs, the one against dashed", "[data][overlay]") {
  const FilmPlace place = place_film(8, 8, 1.0, 512, 512);
  Plane map = map_with(8, 8, 2, 2, 2);
  map.values[8 * 5 + 5] = -2;
  const Plane screen = map_on_screen(map, grid_to_pixels(8, 8, 8, 8), place);
  RgbImage film = render_film(grey_film(8, 8, 0.3F), place);
  const RgbImage plain = film;
  lay_over(film, screen, {.scale = 2, .style = OverlayStyle::kOutline});
  int coloured = 0, bright = 0;
  for (int row = 0; row < 512; ++row) {
    for (int col = 0; col < 512; ++col) {
      const Rgb p = pixel(film, row, col);
      coloured += is_grey(p) || row > 255 ? 0 : 1;
      bright += p.red > 150 && std::abs(p.red - p.blue) < 4 && row > 255 ? 1 : 0;
    }
  }
  CHECK(coloured > 300);
  CHECK(bright > 100);
  CHECK(pixel(film, 160, 160) == pixel(plain, 160, 160));  // the middle of the peak stays film
}

TEST_CASE("a signed map shows both signs in two colours, and its bar has both ends", "[data][overlay]") {
  const FilmPlace place = place_film(8, 8, 1.0, 256, 256);
  Plane map = map_with(8, 8, 2, 2, 2);
  map.values[8 * 6 + 6] = -2;
  RgbImage film = render_film(grey_film(8, 8), place);
  const OverlayOptions options{.scale = 2, .style = OverlayStyle::kSigned};
  lay_over(film, map_on_screen(map, grid_to_pixels(8, 8, 8, 8), place), options);
  const Rgb raises = pixel(film, 79, 79), lowers = pixel(film, 208, 208);
  CHECK(raises.red > raises.blue + 40);
  CHECK(lowers.blue > lowers.red + 40);
  CHECK(is_grey(pixel(film, 128, 16)));
  CHECK(blue_orange(-1) == blue_orange(-3));
  Font font;
  const Plane against = map_with(8, 8, 3, 3, -1.5F);
  const RgbImage shown = render_overlay(grey_film(8, 8), 1, against, grid_to_pixels(8, 8, 8, 8), options, caption(), font);
  const int left = 768 + 2 * kFilmMargin;
  int coloured = 0;
  for (int row = kFilmMargin; row < shown.rows - kFilmMargin; ++row) {
    for (int col = kFilmMargin; col < left - kFilmMargin; ++col) coloured += is_grey(pixel(shown, row, col)) ? 0 : 1;
  }
  CHECK(coloured > 1000);
}

TEST_CASE("ticks are round and end within the scale", "[data][overlay]") {
  CHECK(scale_ticks(2) == std::vector<double>{0, 0.5, 1, 1.5, 2});
  const std::vector<double> odd = scale_ticks(0.0317);
  CHECK(odd.size() >= 3);
  CHECK(odd.size() <= 6);
  CHECK(odd.back() <= 0.0317);
}

TEST_CASE("numbers carry their sign and enough digits", "[data][overlay]") {
  CHECK(signed_number(3.1) == "+3.10");
  CHECK(signed_number(-0.2) == "−0.20");
  CHECK(signed_number(0) == "0.00");
  CHECK(signed_number(0.0123) == "+0.012");
  CHECK(signed_number(-0.0004) == "−0.00040");
}

TEST_CASE("words change the panel and never the film", "[data][overlay]") {
  Font font;
  const Plane film = grey_film(64, 64);
  const Affine place = grid_to_pixels(8, 8, 64, 64);
  const OverlayOptions options{.scale = 2};
  const Plane map = map_with(8, 8, 3, 3, 1.5F);
  const RgbImage full = render_overlay(film, 1, map, place, options, caption(), font);
  OverlayCaption other = caption();
  other.case_name = "p0004";
  other.layer = "features.5.of.a.very.long.name.that.does.not.fit.into.the.panel.at.all";
  other.scale_note = "the scale of this image alone";
  const RgbImage changed = render_overlay(film, 1, map, place, options, other, font);
  const int left = 768 + 2 * kFilmMargin;  // of the panel
  CHECK(differences(full, changed, 0, left) == 0);
  CHECK(differences(full, changed, left, full.cols) > 100);

  SECTION("the colour bar has its ticks in words") {
    const RgbImage rescaled = render_overlay(film, 1, map, place, {.scale = 2.2}, caption(), font);
    CHECK(differences(full, rescaled, left, full.cols) > 50);
  }
  SECTION("no positive evidence is said in words, and the film stays as it is") {
    const Plane against = map_with(8, 8, 3, 3, -1.5F);
    const RgbImage empty = render_overlay(film, 1, against, place, options, caption(), font);
    CHECK(differences(full, empty, left, full.cols) > 300);
    int touched = 0;
    for (int row = kFilmMargin; row < empty.rows - kFilmMargin; ++row) {
      for (int col = kFilmMargin; col < left - kFilmMargin; ++col) {
        touched += pixel(empty, row, col) == Rgb{128, 128, 128} ? 0 : 1;
      }
    }
    CHECK(touched == 0);
  }
}

TEST_CASE("text has a width, is drawn within it and can be shortened", "[data][overlay]") {
  Font font;
  const double width = font.width("Consolidation −0.25", 18);
  RgbImage image = make_canvas(40, 400, {0, 0, 0});
  font.draw(image, 28, 10, "Consolidation −0.25", 18, {204, 204, 202});
  int first = 400, last = 0;
  for (int row = 0; row < 40; ++row) {
    for (int col = 0; col < 400; ++col) {
      if (pixel(image, row, col).red == 0) continue;
      first = std::min(first, col);
      last = std::max(last, col);
      CHECK(pixel(image, row, col).red <= 204);
    }
  }
  CHECK(first >= 9);
  CHECK(first <= 13);
  CHECK(last <= 11 + width);
  CHECK(last >= 6 + width);
  const std::string shorter = font.shorten("a very long name of a case", 60, 18);
  CHECK(font.width(shorter, 18) <= 60);
  CHECK(shorter.find("…") != std::string::npos);
  CHECK(font.width("\xff\xfe broken", 18) > 0);  // not UTF-8: boxes, never a crash
}
