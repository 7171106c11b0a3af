#include "explain/model/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/base/error.h"
#include "data/image/window.h"
#include "explain/model/normalise.h"
#include "explain/model/resize.h"

namespace rationale::explain {
namespace {

struct Size {
  int rows = 0, cols = 0;
};

/// The part of the picture's plane that is resized: `size`, its first pixel at (row, col) of the
/// picture. Negative places, or places beyond, are background.
struct Frame {
  Size size;
  int row = 0, col = 0;
};

/// Smallest and largest value that the file's stored bits can say.
ValueRange possible_range(const Picture& picture) {
  if (picture.stored.empty()) return modality_range(picture);
  if (!picture.modality_lut.data.empty()) {
    const auto [low, high] = std::ranges::minmax(picture.modality_lut.data);
    return {static_cast<double>(low), static_cast<double>(high)};
  }
  const double half = picture.is_stored_signed ? std::exp2(picture.bits_stored - 1) : 0.0;
  const double a = picture.slope * -half + picture.intercept;
  const double b = picture.slope * (std::exp2(picture.bits_stored) - 1 - half) + picture.intercept;
  return {std::min(a, b), std::max(a, b)};
}

std::vector<float> to_float(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// The picture's values as the card's `pixels` names them, full size.
std::vector<float> pixel_values(const Picture& picture, const ModelCard& card) {
  switch (card.pixels) {
    case Pixels::kDisplayU8: {
      const std::vector<std::uint8_t> bytes = display_u8(picture);
      return {bytes.begin(), bytes.end()};
    }
    case Pixels::kDisplay:
      return display_floats(picture);
    case Pixels::kWindow:
      return display_floats(
          picture, {.kind = WindowChoice::Kind::kFixed, .index = 0, .window = card.window});
    case Pixels::kModality:
      break;
  }
  std::vector<double> values = modality_values(picture);
  if (card.invert == Invert::kMonochrome1 && picture.is_inverted) {
    const auto [low, high] = possible_range(picture);
    for (double& value : values) value = low + high - value;
  }
  return to_float(values);
}

Frame choose_frame(const Picture& picture, const ModelCard& card, Size input) {
  const std::int64_t rows = picture.rows;
  const std::int64_t cols = picture.cols;
  Size size{picture.rows, picture.cols};
  if (card.fit != Fit::kStretch && card.resize == Resize::kNone) {
    size = input;
  } else if (card.fit != Fit::kStretch) {
    const bool is_too_tall = rows * input.cols > cols * input.rows;
    const auto scaled = [](std::int64_t extent, int wanted, int other) {
      return static_cast<int>(
          std::max<std::int64_t>(1, (2 * extent * wanted + other) / (2 * other)));
    };
    if (is_too_tall == (card.fit == Fit::kPad)) {
      size.cols = scaled(rows, input.cols, input.rows);
    } else {
      size.rows = scaled(cols, input.rows, input.cols);
    }
  }
  const bool grows = size.rows > picture.rows || size.cols > picture.cols;
  const bool shrinks = size.rows < picture.rows || size.cols < picture.cols;
  const bool has_wrong_size =
      card.resize == Resize::kNone &&
      ((card.fit == Fit::kStretch && (size.rows != input.rows || size.cols != input.cols)) ||
       (card.fit == Fit::kPad && shrinks) || (card.fit == Fit::kCropCenter && grows));
  if (has_wrong_size) {
    throw Error(Error::Kind::kInput,
                fmt::format("the picture has {} x {} pixels, the model takes {} x {} and the card "
                            "says resize = \"none\"",
                            picture.rows, picture.cols, input.rows, input.cols),
                card.name, "name the filter that the model was trained with in the card")
        .with_code("wrong_size");
  }
  if (std::int64_t{size.rows} * size.cols > std::int64_t{1} << 28) {
    throw Error(Error::Kind::kInput, "the padded picture would have more than 2^28 pixels",
                card.name, "use fit = \"stretch\" or \"crop_center\" for so long a picture");
  }
  // Half of the difference, rounded down, also where it is negative.
  const auto half = [](int difference) {
    return difference >= 0 ? difference / 2 : -(-difference / 2);
  };
  return {size, half(picture.rows - size.rows), half(picture.cols - size.cols)};
}

Plane cut(std::vector<float> values, const Picture& picture, const Frame& frame, float background) {
  Plane plane{frame.size.rows, frame.size.cols, {}};
  if (frame.size.rows == picture.rows && frame.size.cols == picture.cols) {
    plane.values = std::move(values);
    return plane;
  }
  plane.values.assign(static_cast<std::size_t>(plane.rows) * static_cast<std::size_t>(plane.cols),
                      background);
  for (int r = 0; r < plane.rows; ++r) {
    for (int c = 0; c < plane.cols; ++c) {
      const int from_row = r + frame.row;
      const int from_col = c + frame.col;
      if (from_row < 0 || from_row >= picture.rows || from_col < 0 || from_col >= picture.cols) {
        continue;
      }
      plane.values[static_cast<std::size_t>(r) * static_cast<std::size_t>(plane.cols) +
                   static_cast<std::size_t>(c)] =
          values[static_cast<std::size_t>(from_row) * static_cast<std::size_t>(picture.cols) +
                 static_cast<std::size_t>(from_col)];
    }
  }
  return plane;
}

}  // namespace

Prepared prepare(const Picture& picture, const ModelCard& card) {
  if (card.input_shape.size() != 3) {
    throw Error(Error::Kind::kRefused,
                "the model takes a volume [C,D,H,W]; one picture cannot fill it", card.name,
                "name the folder of the series, a multi-frame file, or an array [D,H,W]")
        .with_code("volume_input");
  }
  if (picture.rows < 1 || picture.cols < 1) {
    throw Error(Error::Kind::kInput, "the picture has no pixels", card.name);
  }
  const Size input{static_cast<int>(card.input_shape[1]), static_cast<int>(card.input_shape[2])};
  std::vector<float> values = pixel_values(picture, card);
  const Frame frame = choose_frame(picture, card, input);
  const float background =
      card.pixels == Pixels::kModality ? *std::ranges::min_element(values) : 0.0F;
  const Plane plane =
      resized(cut(std::move(values), picture, frame, background), card.resize, input.rows, input.cols);

  Prepared prepared;
  prepared.input_to_picture =
      compose(grid_to_pixels(input.rows, input.cols, frame.size.rows, frame.size.cols),
              {1, static_cast<double>(frame.row), 1, static_cast<double>(frame.col)});
  const Line line =
      normalisation(card, card.normalise == Normalise::kFixed
                              ? std::vector<double>{}
                              : values_on_the_picture(plane, picture, prepared.input_to_picture));

  prepared.input = normalised(plane.values, line, card);
  return prepared;
}

}  // namespace rationale::explain
