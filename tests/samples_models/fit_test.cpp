// Films that are not square, in every fit: the network sees what an independent resampling says it should, and the
// peak of a map lands on the right pixel of the film.
//
// The reference here is written from the definitions and shares nothing with data/image and explain/model: dense weight
// matrices in double, one for the rows and one for the columns, over a film that is padded or cropped as a whole.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/dicom/read_dicom.h"
#include "data/samples/film.h"
#include "data/samples/place.h"
#include "data/samples/stream.h"
#include "explain/model/card.h"
#include "explain/model/preprocess.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

constexpr std::uint64_t kSeed = 31;
constexpr int kFilms = 200;

using Matrix = std::vector<std::vector<double>>;

/// A film of any shape: the phantom of 96 x 96 drawn out to rows x cols (nearest pixel), so that its findings stay
/// where they are in parts of the height and width.
DxFile film_of(int index, Findings findings) {
  Stream stream(kSeed, static_cast<std::uint64_t>(index), 99);
  int rows = 61 + static_cast<int>(stream.uniform() * 180);
  int cols = 61 + static_cast<int>(stream.uniform() * 180);
  if (rows == cols) ++rows;
  if ((index % 2 == 0) != (rows > cols)) std::swap(rows, cols);  // even: upright, odd: lying
  if (index % 4 < 2) {  // odd sizes often, on one side or both
    rows |= 1;
    cols |= index % 8 < 4 ? 1 : 0;
    if (rows == cols) (index % 2 == 0 ? rows : cols) += 2;
  }
  const SampleCase one = describe_case(SampleSet::kTest, kSeed, static_cast<std::uint64_t>(index));
  DxFile film = samples::film(one, render(kSeed, static_cast<std::uint64_t>(index), findings), "fit");
  const std::vector<std::uint16_t> square = film.values;
  film.values.clear();
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) {
      film.values.push_back(square[static_cast<std::size_t>((2 * r + 1) * kSize / (2 * rows) * kSize +
                                                            (2 * c + 1) * kSize / (2 * cols))]);
    }
  }
  film.rows = rows;
  film.cols = cols;
  return film;
}

// --- the reference ------------------------------------------------------------------------------------------------

/// weights[out][in] of one axis; rows sum to 1.
Matrix weights_of(explain::Resize filter, int n_in, int n_out) {
  const double s = static_cast<double>(n_in) / n_out;
  Matrix weights(static_cast<std::size_t>(n_out), std::vector<double>(static_cast<std::size_t>(n_in)));
  for (int i = 0; i < n_out; ++i) {
    std::vector<double>& row = weights[static_cast<std::size_t>(i)];
    const double centre = (i + 0.5) * s - 0.5;  // in input pixel centres
    double sum = 0;
    for (int j = 0; j < n_in; ++j) {
      double w = 0;
      if (filter == explain::Resize::kBilinearAa) {
        w = std::max(0.0, 1 - std::abs(j - centre) / std::max(s, 1.0));
      } else if (filter == explain::Resize::kArea) {
        // pixel j takes part if its square [j, j+1) meets [i s, (i+1) s)
        w = static_cast<std::int64_t>(j + 1) * n_out > static_cast<std::int64_t>(i) * n_in &&
                    static_cast<std::int64_t>(j) * n_out < static_cast<std::int64_t>(i + 1) * n_in
                ? 1
                : 0;
      } else {  // bilinear between the two nearest centres, the border repeated
        const double at = std::clamp(centre, 0.0, n_in - 1.0);
        w = std::max(0.0, 1 - std::abs(j - at));
      }
      row[static_cast<std::size_t>(j)] = w;
      sum += w;
    }
    for (double& w : row) w /= sum;
  }
  return weights;
}

struct Canvas {
  int rows = 0, cols = 0;
  int top = 0, left = 0;  ///< of the film on the canvas (negative: cut off)
};

/// The canvas of a fit into a square input: the film itself, the film with background to a square, its middle square.
Canvas canvas_of(explain::Fit fit, int rows, int cols) {
  if (fit == explain::Fit::kStretch) return {rows, cols, 0, 0};
  const int side = fit == explain::Fit::kPad ? std::max(rows, cols) : std::min(rows, cols);
  const auto before = [&](int extent) {  // half of what is added or taken; the odd one goes to the far side
    return side >= extent ? (side - extent) / 2 : -((extent - side) / 2);
  };
  return {side, side, before(rows), before(cols)};
}

/// x = (1.2 display - 0.5) / 0.25 of the resized canvas, in double.
std::vector<double> reference_input(const DxFile& film, const Canvas& canvas, explain::Resize filter) {
  const Matrix down = weights_of(filter, canvas.rows, kSize);
  const Matrix across = weights_of(filter, canvas.cols, kSize);
  const auto width = static_cast<std::size_t>(canvas.cols);
  std::vector<double> half(static_cast<std::size_t>(kSize) * width);
  for (int r = 0; r < canvas.rows; ++r) {
    const int from_row = r - canvas.top;
    if (from_row < 0 || from_row >= film.rows) continue;  // background is 0
    std::vector<double> line(width);
    for (int c = 0; c < canvas.cols; ++c) {
      const int from_col = c - canvas.left;
      if (from_col < 0 || from_col >= film.cols) continue;
      line[static_cast<std::size_t>(c)] =
          film.values[static_cast<std::size_t>(from_row * film.cols + from_col)] / 4095.0;
    }
    for (std::size_t i = 0; i < kSize; ++i) {
      const double weight = down[i][static_cast<std::size_t>(r)];
      for (std::size_t c = 0; weight != 0 && c < width; ++c) half[i * width + c] += weight * line[c];
    }
  }
  std::vector<double> input;
  for (std::size_t i = 0; i < kSize; ++i) {
    for (std::size_t j = 0; j < kSize; ++j) {
      double sum = 0;
      for (std::size_t c = 0; c < width; ++c) sum += across[j][c] * half[i * width + c];
      input.push_back((1.2 * sum - 0.5) / 0.25);
    }
  }
  return input;
}

/// The film's pixel under the centre of cell (row, col) of an n x n grid over the canvas, not rounded.
std::pair<double, double> reference_place(const Canvas& canvas, int n, int row, int col) {
  return {(row + 0.5) * canvas.rows / n - 0.5 - canvas.top, (col + 0.5) * canvas.cols / n - 0.5 - canvas.left};
}

// --- the engine ---------------------------------------------------------------------------------------------------

struct Model {
  explain::ModelCard card = explain::read_card(models_folder() / "honest.toml");
  std::unique_ptr<explain::SplitModel> split = explain::load_split_model(
      card.model_file, {.layer = "block4", .call = {}, .output = {}, .input_shape = {1, 1, kSize, kSize},
                        .prefix_variant = {}});
};

struct Seen {
  double logit = 0;
  Plane map;  ///< Grad-CAM of block4, 12 x 12
};

Seen see(const Model& model, const std::vector<float>& input) {
  const auto run = model.split->run(explain::to_tensor(FloatArray{{1, 1, kSize, kSize}, input}));
  const at::Tensor gradient = model.split->gradients(*run, {explain::Target{}}).at(0);
  const at::Tensor activation = model.split->activation(*run);
  const at::Tensor map = (gradient.mean({2, 3}, true) * activation).sum(1).contiguous();
  const FloatArray values = explain::to_array(map);
  return {static_cast<double>(model.split->logits(*run).item<float>()), {12, 12, values.values}};
}

std::pair<int, int> peak_of(const Plane& plane) {
  const auto at = static_cast<int>(std::ranges::max_element(plane.values) - plane.values.begin());
  return {at / plane.cols, at % plane.cols};
}

constexpr explain::Fit kFits[] = {explain::Fit::kStretch, explain::Fit::kPad, explain::Fit::kCropCenter};
constexpr explain::Resize kFilters[] = {explain::Resize::kBilinearAa, explain::Resize::kArea,
                                        explain::Resize::kBilinear};

}  // namespace

TEST_CASE("200 films that are not square: logits are those of a reference resample, peaks lie on the right pixel",
          "[samples][models][fit]") {
  const Model model;
  double worst_logit = 0;
  int n_wrong_places = 0;
  int n_cases = 0;
  int n_upright = 0;
  for (int i = 0; i < kFilms; ++i) {
    Findings findings = draw_labels(SampleSet::kTest, kSeed, static_cast<std::uint64_t>(i)).findings;
    findings[kConsolidation] = i % 2 == 0;
    const DxFile film = film_of(i, findings);
    REQUIRE(film.rows != film.cols);
    n_upright += film.rows > film.cols ? 1 : 0;
    const Picture picture = parse_dicom(encode_dx(film), "film");  // every third is stored as MONOCHROME1
    for (const explain::Fit fit : kFits) {
      explain::ModelCard card = model.card;
      card.fit = fit;
      card.resize = kFilters[i % 3];
      const explain::Prepared prepared = explain::prepare(picture, card);
      const Canvas canvas = canvas_of(fit, film.rows, film.cols);
      const std::vector<double> reference = reference_input(film, canvas, card.resize);
      const Seen ours = see(model, prepared.input.values);
      const Seen theirs = see(model, {reference.begin(), reference.end()});
      worst_logit = std::max(worst_logit, std::abs(ours.logit - theirs.logit));

      const auto [row, col] = peak_of(ours.map);
      const Affine cell_to_film = compose(grid_to_pixels(12, 12, kSize, kSize), prepared.input_to_picture);
      const Point place = apply(cell_to_film, {static_cast<double>(row), static_cast<double>(col)});
      const auto [wanted_row, wanted_col] = reference_place(canvas, 12, row, col);
      const bool is_right = peak_of(theirs.map) == std::pair{row, col} &&
                            std::abs(place.row - wanted_row) < 1e-9 && std::abs(place.col - wanted_col) < 1e-9;
      n_wrong_places += is_right ? 0 : 1;
      ++n_cases;
    }
  }
  INFO("worst logit difference " << worst_logit << ", upright films " << n_upright);
  CHECK(n_cases == 3 * kFilms);
  CHECK(n_upright == kFilms / 2);
  CHECK(worst_logit < 1e-3);
  CHECK(n_wrong_places == 0);
}

TEST_CASE("one bright pixel of a film comes back to its own place in every fit and filter", "[samples][models][fit]") {
  explain::ModelCard card = explain::read_card(models_folder() / "honest.toml");
  int n = 0;
  for (int i = 0; i < kFilms; ++i) {
    Stream stream(kSeed, static_cast<std::uint64_t>(i), 98);
    DxFile film = film_of(i, {});
    const Canvas middle = canvas_of(explain::Fit::kCropCenter, film.rows, film.cols);
    const int row = -middle.top + static_cast<int>(stream.uniform() * middle.rows);
    const int col = -middle.left + static_cast<int>(stream.uniform() * middle.cols);
    std::ranges::fill(film.values, std::uint16_t{0});
    film.values[static_cast<std::size_t>(row * film.cols + col)] = 4095;
    const Picture picture = parse_dicom(encode_dx(film), "dot");
    card.fit = kFits[i % 3];
    card.resize = kFilters[i / 3 % 3];
    // Without anti-aliasing a shrunk picture may miss the dot: there is no place to come back to.
    if (card.resize == explain::Resize::kBilinear) card.resize = explain::Resize::kBilinearAa;
    const explain::Prepared prepared = explain::prepare(picture, card);
    const auto [at_row, at_col] = peak_of({kSize, kSize, prepared.input.values});
    const Point place = apply(prepared.input_to_picture, {static_cast<double>(at_row), static_cast<double>(at_col)});
    const Canvas canvas = canvas_of(card.fit, film.rows, film.cols);
    INFO(i << ": " << film.rows << " x " << film.cols << ", dot at " << row << ", " << col);
    // The dot lies within the input pixel that is brightest: half of its extent, and one film pixel of ties.
    CHECK(std::abs(place.row - row) <= 0.5 * std::max(1.0, static_cast<double>(canvas.rows) / kSize) + 0.5);
    CHECK(std::abs(place.col - col) <= 0.5 * std::max(1.0, static_cast<double>(canvas.cols) / kSize) + 0.5);
    ++n;
  }
  CHECK(n == kFilms);
}

TEST_CASE("the peak of the honest model's map, taken back to the film, lies on the consolidation of most films",
          "[samples][models][fit]") {
  const Model model;
  int n_hits = 0;
  int n = 0;
  for (int i = 0; i < 60; ++i) {
    Findings findings{};
    findings[kConsolidation] = true;
    const DxFile film = film_of(i, findings);
    const Mask mask = render(kSeed, static_cast<std::uint64_t>(i), findings).masks[kConsolidation];
    explain::ModelCard card = model.card;
    card.fit = kFits[i % 2];  // stretch and pad: the whole film
    card.resize = explain::Resize::kBilinearAa;
    const explain::Prepared prepared = explain::prepare(parse_dicom(encode_dx(film), "film"), card);
    const auto [row, col] = peak_of(see(model, prepared.input.values).map);
    const Affine cell_to_film = compose(grid_to_pixels(12, 12, kSize, kSize), prepared.input_to_picture);
    const Point place = apply(cell_to_film, {static_cast<double>(row), static_cast<double>(col)});
    // The mask is that of the square phantom: the film's pixel in parts of its height and width.
    const int mask_row = static_cast<int>(std::floor((place.row + 0.5) * kSize / film.rows));
    const int mask_col = static_cast<int>(std::floor((place.col + 0.5) * kSize / film.cols));
    bool is_hit = false;
    for (int r = mask_row - 4; r <= mask_row + 4; ++r) {  // a cell of the map is 8 input pixels wide
      for (int c = mask_col - 4; c <= mask_col + 4; ++c) {
        if (r < 0 || r >= kSize || c < 0 || c >= kSize) continue;
        is_hit |= mask[static_cast<std::size_t>(r * kSize + c)] != 0;
      }
    }
    n_hits += is_hit ? 1 : 0;
    ++n;
  }
  INFO(n_hits << " of " << n);
  CHECK(n_hits >= n * 6 / 10);  // 42 of 60: padded films show it the findings smaller than it learned them
}
