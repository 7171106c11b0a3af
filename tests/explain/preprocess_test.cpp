#include "explain/model/preprocess.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// 8-bit picture with the window 0..255, as PNG files have it.
Picture picture_of(int rows, int cols, std::vector<std::int32_t> stored) {
  Picture picture;
  picture.rows = rows;
  picture.cols = cols;
  picture.stored = std::move(stored);
  picture.windows = {{.centre = 128, .width = 256}};
  return picture;
}

ModelCard card_for(int channels, int rows, int cols) {
  ModelCard card;
  card.name = "test";
  card.input_shape = {channels, rows, cols};
  card.resize = Resize::kNone;
  return card;
}

std::string code_of(const Picture& picture, const ModelCard& card) {
  try {
    prepare(picture, card);
  } catch (const Error& error) {
    return error.code;
  }
  return "accepted";
}

void check_values(const Prepared& prepared, const std::vector<double>& expected) {
  REQUIRE(prepared.input.values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    CHECK(static_cast<double>(prepared.input.values[i]) == Approx(expected[i]).margin(1e-6));
  }
}

}  // namespace

TEST_CASE("fixed normalisation is v scale, minus mean, over std, channel by channel",
          "[explain][preprocess]") {
  ModelCard card = card_for(2, 1, 2);
  card.scale = 0.1;
  card.mean = {1, 2};
  card.std = {2, 4};
  const Prepared prepared = prepare(picture_of(1, 2, {10, 200}), card);
  CHECK(prepared.input.shape == Shape{2, 1, 2});
  check_values(prepared, {0, 9.5, -0.25, 4.5});
}

TEST_CASE("pixels are the 8-bit display, the display, a window or the values themselves",
          "[explain][preprocess]") {
  Picture picture = picture_of(1, 2, {51, 204});
  picture.is_inverted = true;
  ModelCard card = card_for(1, 1, 2);
  check_values(prepare(picture, card), {204, 51});
  card.pixels = Pixels::kDisplay;
  check_values(prepare(picture, card), {0.8, 0.2});
  card.pixels = Pixels::kWindow;
  card.window = {.centre = 51, .width = 102, .function = WindowFunction::kLinearExact};
  check_values(prepare(picture, card), {0.5, 0});
  card.pixels = Pixels::kModality;
  picture.slope = 2;
  picture.intercept = -1;
  check_values(prepare(picture, card), {101, 407});
}

TEST_CASE("inverted modality values stay within the file's range", "[explain][preprocess]") {
  Picture picture = picture_of(1, 3, {0, 5, 255});
  ModelCard card = card_for(1, 1, 3);
  card.pixels = Pixels::kModality;
  card.invert = Invert::kMonochrome1;
  check_values(prepare(picture, card), {0, 5, 255});  // not an inverted file
  picture.is_inverted = true;
  check_values(prepare(picture, card), {255, 250, 0});
  picture.is_stored_signed = true;
  picture.stored = {-128, 0, 127};
  check_values(prepare(picture, card), {127, -1, -128});
}

TEST_CASE("minmax and percentile map to the range, then mean and std apply",
          "[explain][preprocess]") {
  ModelCard card = card_for(1, 1, 5);
  card.normalise = Normalise::kMinMax;
  card.range = {-1, 1};
  check_values(prepare(picture_of(1, 5, {10, 20, 30, 40, 50}), card), {-1, -0.5, 0, 0.5, 1});
  card.mean = {1};
  card.std = {2};
  check_values(prepare(picture_of(1, 5, {10, 20, 30, 40, 50}), card), {-1, -0.75, -0.5, -0.25, 0});

  // numpy.percentile([0, 10, 20, 30, 100], [10, 75]) = 4, 30
  ModelCard robust = card_for(1, 1, 5);
  robust.normalise = Normalise::kPercentile;
  robust.percentiles = {10, 75};
  check_values(prepare(picture_of(1, 5, {100, 10, 20, 30, 0}), robust),
               {1, 6.0 / 26, 16.0 / 26, 1, 0});
}

TEST_CASE("zscore uses the population's standard deviation", "[explain][preprocess]") {
  ModelCard card = card_for(1, 1, 4);
  card.normalise = Normalise::kZScore;
  // mean 5, sd with 1/n = 3
  check_values(prepare(picture_of(1, 4, {2, 8, 2, 8}), card), {-1, 1, -1, 1});
}

TEST_CASE("padding of the file and of the fit stays out of the statistics",
          "[explain][preprocess]") {
  Picture picture = picture_of(1, 3, {10, 20, 255});
  picture.padding = {0, 0, 1};
  ModelCard card = card_for(1, 1, 3);
  card.normalise = Normalise::kMinMax;
  check_values(prepare(picture, card), {0, 1, 1});

  ModelCard square = card_for(1, 2, 2);
  square.fit = Fit::kPad;
  square.normalise = Normalise::kMinMax;
  const Prepared padded = prepare(picture_of(1, 2, {10, 20}), square);
  check_values(padded, {0, 1, 0, 0});  // the row below is background, clipped to the low end
}

TEST_CASE("a picture of one value is refused where it cannot be normalised",
          "[explain][preprocess]") {
  const Picture flat = picture_of(1, 4, {9, 9, 9, 9});
  ModelCard card = card_for(1, 1, 4);
  for (const Normalise how : {Normalise::kMinMax, Normalise::kZScore, Normalise::kPercentile}) {
    card.normalise = how;
    CHECK(code_of(flat, card) == "constant_picture");
  }
  Picture padded = picture_of(1, 4, {9, 8, 7, 6});
  padded.padding = {1, 1, 1, 1};
  CHECK(code_of(padded, card) == "constant_picture");
  card.normalise = Normalise::kFixed;
  CHECK(code_of(flat, card) == "accepted");
}

TEST_CASE("positions of the input lead back to the picture for every fit",
          "[explain][preprocess]") {
  const Picture wide = picture_of(2, 4, {0, 1, 2, 3, 4, 5, 6, 7});
  ModelCard card = card_for(1, 2, 2);
  card.resize = Resize::kArea;
  const Prepared stretched = prepare(wide, card);
  check_values(stretched, {0.5, 2.5, 4.5, 6.5});
  CHECK(apply(stretched.input_to_picture, {0, 1}).col == Approx(2.5));
  CHECK(apply(stretched.input_to_picture, {1, 1}).row == Approx(1));

  card.fit = Fit::kCropCenter;
  const Prepared cropped = prepare(wide, card);
  check_values(cropped, {1, 2, 5, 6});
  CHECK(apply(cropped.input_to_picture, {0, 0}).col == Approx(1));

  card.fit = Fit::kPad;
  const Prepared padded = prepare(wide, card);  // one row of background above, one below
  check_values(padded, {0.25, 1.25, 2.25, 3.25});
  const Point corner = apply(padded.input_to_picture, {0, 0});
  CHECK(corner.row == Approx(-0.5));
  CHECK(corner.col == Approx(0.5));
}

TEST_CASE("modality is padded with the picture's smallest value, not with zero",
          "[explain][preprocess]") {
  Picture picture = picture_of(1, 2, {24, 1000});
  picture.intercept = -1024;
  ModelCard card = card_for(1, 3, 2);
  card.pixels = Pixels::kModality;
  card.fit = Fit::kPad;
  check_values(prepare(picture, card), {-1000, -1000, -1000, -24, -1000, -1000});
}

TEST_CASE("resize none needs the exact size, unless the fit can reach it",
          "[explain][preprocess]") {
  const Picture picture = picture_of(2, 2, {1, 2, 3, 4});
  ModelCard larger = card_for(1, 3, 3);
  CHECK(code_of(picture, larger) == "wrong_size");
  larger.fit = Fit::kPad;
  CHECK(code_of(picture, larger) == "accepted");
  larger.fit = Fit::kCropCenter;
  CHECK(code_of(picture, larger) == "wrong_size");
  ModelCard smaller = card_for(1, 1, 1);
  smaller.fit = Fit::kCropCenter;
  check_values(prepare(picture, smaller), {1});
  smaller.fit = Fit::kPad;
  CHECK(code_of(picture, smaller) == "wrong_size");
}

TEST_CASE("a volume model and values beyond float32 are refused", "[explain][preprocess]") {
  ModelCard volume = card_for(1, 2, 2);
  volume.input_shape = {1, 4, 2, 2};
  CHECK(code_of(picture_of(2, 2, {1, 2, 3, 4}), volume) == "volume_input");
  ModelCard huge = card_for(1, 1, 1);
  huge.scale = 1e300;
  CHECK(code_of(picture_of(1, 1, {255}), huge) == "not_finite");
}
