#include "data/image/window.h"

#include <cmath>

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

Picture picture_of(std::vector<std::int32_t> stored) {
  Picture picture;
  picture.rows = 1;
  picture.cols = static_cast<int>(stored.size());
  picture.stored = std::move(stored);
  return picture;
}

}  // namespace

TEST_CASE("LINEAR follows PS3.3 C.11.2.1.2, with its half and its width minus one",
          "[data][window]") {
  // C.11.2.1.2.1's own example: c = 2048, w = 4096 maps 0 to 0 and 4095 to 1.
  const Window full{.centre = 2048, .width = 4096};
  CHECK(apply_window(full, 0) == 0.0);
  CHECK(apply_window(full, 4095) == 1.0);
  CHECK(apply_window(full, 2047.5) == Approx(0.5));
  // And c = 0, w = 1: a threshold at -0.5.
  const Window threshold{.centre = 0, .width = 1};
  CHECK(apply_window(threshold, -0.5) == 0.0);
  CHECK(apply_window(threshold, 0) == 1.0);
}

TEST_CASE("LINEAR_EXACT and SIGMOID follow PS3.3 C.11.2.1.3", "[data][window]") {
  const Window exact{.centre = 50, .width = 20, .function = WindowFunction::kLinearExact};
  CHECK(apply_window(exact, 40) == 0.0);
  CHECK(apply_window(exact, 45) == Approx(0.25));
  CHECK(apply_window(exact, 60) == 1.0);
  const Window sigmoid{.centre = 50, .width = 20, .function = WindowFunction::kSigmoid};
  CHECK(apply_window(sigmoid, 50) == 0.5);
  CHECK(apply_window(sigmoid, 55) == Approx(1 / (1 + std::exp(-1.0))));
  CHECK(std::isfinite(apply_window(sigmoid, -1e300)));
}

TEST_CASE("min-max leaves padding out of the range but shows it", "[data][window]") {
  Picture picture = picture_of({-2000, 0, 50, 100});
  picture.padding = {1, 0, 0, 0};
  const std::vector<double> y = display_values(picture, {.kind = WindowChoice::Kind::kMinMax});
  CHECK(y == std::vector<double>{0, 0, 0.5, 1});
}

TEST_CASE("polarity comes after the window, and 255 y is rounded once", "[data][window]") {
  Picture picture = picture_of({0, 1, 2});
  picture.is_inverted = true;
  CHECK(display_u8(picture) == std::vector<std::uint8_t>{255, 128, 0});
  picture.is_inverted = false;
  CHECK(display_u8(picture) == std::vector<std::uint8_t>{0, 128, 255});
}

TEST_CASE("a picture of one value is shown black, not as NaN", "[data][window]") {
  CHECK(display_values(picture_of({7, 7})) == std::vector<double>{0, 0});
}

TEST_CASE("a VOI LUT is clamped at both ends and scaled by its bits", "[data][window]") {
  Picture picture = picture_of({-5, 10, 11, 12, 99});
  picture.voi_luts = {{.first = 10, .bits = 8, .data = {51, 102, 255}}};
  const std::vector<double> y = display_values(picture);
  CHECK(y == std::vector<double>{0.2, 0.2, 0.4, 1, 1});
}

TEST_CASE("tables by stored value give what pixel by pixel gives", "[data][window]") {
  // 6 pixels of 3 neighbouring values go through a table; the spread-out ones do not.
  Picture dense = picture_of({1, 2, 3, 1, 2, 3});
  Picture sparse = picture_of({1, 2, 3, 1000000});
  for (Picture* picture : {&dense, &sparse}) {
    picture->slope = 0.1;
    picture->intercept = -3;
    picture->windows = {{.centre = -2.8, .width = 0.3, .function = WindowFunction::kLinearExact}};
  }
  const std::vector<double> a = display_values(dense);
  const std::vector<double> b = display_values(sparse);
  for (std::size_t i = 0; i < 3; ++i) CHECK(a[i] == b[i]);
  CHECK(a[1] > 0);
  CHECK(a[1] < 1);
}

TEST_CASE("the window option is read as the contract writes it", "[data][window]") {
  using Kind = WindowChoice::Kind;
  CHECK(parse_window_choice("").kind == Kind::kDefault);
  CHECK(parse_window_choice("minmax").kind == Kind::kMinMax);
  CHECK(parse_window_choice("file:2").kind == Kind::kFile);
  CHECK(parse_window_choice("file:2").index == 2);
  CHECK(parse_window_choice("lut:0").kind == Kind::kLut);
  const WindowChoice fixed = parse_window_choice("-600,1500.5,SIGMOID");
  CHECK(fixed.window.centre == -600);
  CHECK(fixed.window.width == 1500.5);
  CHECK(fixed.window.function == WindowFunction::kSigmoid);
  for (const char* wrong : {"file", "file:-1", "lut:x", "1", "1,2,3,4", "a,b", "40,0.5",
                            "40,0,SIGMOID", "40,nan", "40,80,linear"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_window_choice(wrong), Error);
  }
}

TEST_CASE("a window or LUT that the file lacks is refused", "[data][window]") {
  const Picture picture = picture_of({0, 1});
  CHECK_THROWS_AS(display_u8(picture, {.kind = WindowChoice::Kind::kFile, .index = 0}), Error);
  CHECK_THROWS_AS(display_u8(picture, {.kind = WindowChoice::Kind::kLut, .index = 0}), Error);
}
