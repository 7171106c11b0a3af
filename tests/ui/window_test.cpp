// Pixels of a real window, drawn by the software driver on a virtual display.
#include "ui/widgets/window.h"

#include <cmath>
#include <cstdlib>

#include "data/base/error.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"
#include "ui/widgets/colour_bar.h"
#include "ui/widgets/image_view.h"

using namespace rationale;
using namespace rationale::ui;

namespace {

/// Red grows with the value, blue is full: told apart from any grey.
ColourTable test_colours() {
  ColourTable table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = {static_cast<std::uint8_t>(i), 0, 255};
  return table;
}

struct Seen {
  int red, green, blue;
};
Seen pixel(const Pixels& pixels, int row, int col) {
  const auto at = (static_cast<std::size_t>(row) * static_cast<std::size_t>(pixels.cols) +
                   static_cast<std::size_t>(col)) *
                  3;
  return {pixels.values[at], pixels.values[at + 1], pixels.values[at + 2]};
}

/// Values 0 .. 4095 in a row-wise ramp.
Film ramp_film(int rows, int cols) {
  Film film;
  film.extent = {.rows = rows, .cols = cols, .aspect = 1};
  film.values = Plane{rows, cols, {}};
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) {
      film.values->values.push_back(
          std::round(4095.0F * static_cast<float>(j) / static_cast<float>(cols - 1)));
    }
  }
  film.window = {.centre = 2048, .width = 4096};
  return film;
}

}  // namespace

TEST_CASE("Without a display the window says so and what to do, as an error of the machine",
          "[ui][window]") {
  const char* before = std::getenv("DISPLAY");
  const std::string kept = before == nullptr ? "" : before;
  ::unsetenv("DISPLAY");
  ::unsetenv("WAYLAND_DISPLAY");
  try {
    AppWindow window({.title = "none", .without_display = "write pictures: `rationale explain --pictures`"});
    FAIL("a window was opened without a display");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(error.code == "no_display");
    CHECK(std::string(error.what()).find("no display") != std::string::npos);
    CHECK(error.remedy.find("DISPLAY") != std::string::npos);
    CHECK(error.remedy.find("--pictures") != std::string::npos);
  }
  if (!kept.empty()) ::setenv("DISPLAY", kept.c_str(), 1);
}

TEST_CASE("The film's pixels are the window function of its values, to one grey level",
          "[ui][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  AppWindow window({.title = "film", .width = 800, .height = 600, .is_visible = false});
  ImageView view(test_colours());
  Film film = ramp_film(100, 200);
  const bool is_inverted = GENERATE(false, true);
  film.is_inverted = is_inverted;
  film.window = {.centre = 1500, .width = 1000};
  view.show(film);
  const Rect rect{0, 0, 800, 400};  // four screen pixels a film pixel
  const Pixels shown = window.picture([&](Canvas& canvas) {
    view.begin_frame();
    view.draw(canvas, rect, {.has_heatmap = false});
  });
  REQUIRE(shown.cols == 800);
  for (int col = 3; col < 197; ++col) {
    // Between the second and third screen pixel of a film pixel lies its centre: their mean is its
    // value.
    const double seen =
        (pixel(shown, 202, 4 * col + 1).red + pixel(shown, 202, 4 * col + 2).red) / 2.0;
    const double x = std::round(4095.0 * col / 199);
    const double y = std::clamp((x - 1499.5) / 999 + 0.5, 0.0, 1.0);  // PS3.3 C.11.2.1.2.1
    CHECK(seen == Approx(255 * (is_inverted ? 1 - y : y)).margin(2.5));
  }
  CHECK(pixel(shown, 500, 400).red == theme::kGround.red);
}

TEST_CASE("The heatmap is blended by opacity and alpha ramp, and only where its cells lie",
          "[ui][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  AppWindow window({.title = "map", .width = 800, .height = 600, .is_visible = false});
  ImageView view(test_colours());
  Film film;
  film.extent = {.rows = 64, .cols = 64, .aspect = 1};
  film.values = Plane{64, 64, std::vector<float>(64 * 64, 100.0F)};
  film.window = {
      .centre = 100, .width = 200, .function = WindowFunction::kLinearExact};  // grey 127.5
  view.show(film);
  // Four cells over the left half of the film only: columns 0-31.
  HeatMap map;
  map.values = Plane{2, 2, {4, 4, 0.2F, -4}};
  map.cell_to_picture = grid_to_pixels(2, 2, 64, 32);
  map.scale = 2;
  view.show_map(map);
  const Pixels shown = window.picture([&](Canvas& canvas) {
    view.begin_frame();
    view.draw(canvas, {0, 0, 512, 512}, {.opacity = 0.5F});
  });
  // Top cells: h / scale = 2, full alpha 0.5 over 127.5, colour 255,0,255.
  const Seen top = pixel(shown, 64, 64);
  CHECK(top.red == Approx(191).margin(2));
  CHECK(top.green == Approx(64).margin(2));
  CHECK(top.blue == Approx(191).margin(2));
  // Weak (0.1 of the scale) and negative cells show the film alone.
  CHECK(pixel(shown, 500, 8).green == Approx(127.5).margin(2));
  CHECK(pixel(shown, 500, 250).blue == Approx(127.5).margin(2));
  // Right of the cells: the film alone.
  CHECK(pixel(shown, 64, 300).red == Approx(127.5).margin(2));
  CHECK(pixel(shown, 64, 300).blue == Approx(127.5).margin(2));
}

TEST_CASE("Switching the overlay off changes no pixel outside the film", "[ui][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  AppWindow window({.title = "same", .width = 800, .height = 600, .is_visible = false});
  ImageView view(test_colours());
  view.show(ramp_film(100, 100));
  HeatMap map;
  map.values = Plane{2, 2, {1, 2, 3, 4}};
  map.cell_to_picture = grid_to_pixels(2, 2, 100, 100);
  map.scale = 4;
  map.levels = {1, 2};
  view.show_map(map);
  const auto take = [&](const OverlayLook& look) {
    return window.picture([&](Canvas& canvas) {
      view.begin_frame();
      view.draw(canvas, {100, 100, 400, 400}, look);
      draw_colour_bar(canvas, {540, 120}, 200, test_colours(), 2);
    });
  };
  const Pixels with = take({.has_heatmap = true, .has_outline = true, .opacity = 0.4F});
  const Pixels without = take({.has_heatmap = false, .has_outline = false});
  int differing_inside = 0, differing_outside = 0;
  for (int row = 0; row < with.rows; ++row) {
    for (int col = 0; col < with.cols; ++col) {
      const Seen a = pixel(with, row, col), b = pixel(without, row, col);
      if (a.red == b.red && a.green == b.green && a.blue == b.blue) continue;
      const bool is_inside = row >= 100 && row < 500 && col >= 100 && col < 500;
      (is_inside ? differing_inside : differing_outside) += 1;
    }
  }
  CHECK(differing_inside > 10000);
  CHECK(differing_outside == 0);
}

TEST_CASE("The window's fonts have the glyphs that its words need", "[ui][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  AppWindow window({.title = "fonts", .width = 640, .height = 200, .is_visible = false});
  INFO(window.font_name());
  const Pixels shown = window.picture([&](Canvas& canvas) {
    // A missing glyph is drawn as the font's replacement, the same for all.
    CHECK(canvas.width_of("−") > 0);
    CHECK(canvas.width_of("111") == Approx(canvas.width_of("888")));
    canvas.text(20, 30, "− ≥ ≤ → ← ↑ ↓ – “ ” µ ± é", {.size = 24});
  });
  int bright = 0;
  for (const std::uint8_t value : shown.values) bright += value > 150 ? 1 : 0;
  CHECK(bright > 500);
}
