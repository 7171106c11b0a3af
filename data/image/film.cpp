#include "data/image/film.h"

#include <algorithm>

#include "data/image/window.h"

namespace rationale {
namespace {

Plane plane_of(const std::vector<double>& values, int rows, int cols) {
  Plane plane{rows, cols, {}};
  plane.values.reserve(values.size());
  for (const double value : values) plane.values.push_back(static_cast<float>(value));
  return plane;
}

}  // namespace

FilmDisplay film_display(const Picture& picture) {
  FilmDisplay film;
  film.aspect = picture.spacing.aspect;
  if (picture.windows.empty() && !picture.voi_luts.empty()) {
    film.values = plane_of(display_values(picture), picture.rows, picture.cols);
    film.window = {.centre = 0.5, .width = 1, .function = WindowFunction::kLinearExact};
    return film;  // the polarity is in the displayed values
  }
  film.values = plane_of(modality_values(picture), picture.rows, picture.cols);
  film.is_inverted = picture.is_inverted;
  if (!picture.windows.empty()) {
    film.window = picture.windows.front();
  } else {
    const ValueRange range = modality_range(picture);
    film.window = {.centre = (range.low + range.high) / 2,
                   .width = std::max(range.high - range.low, 1e-6),
                   .function = WindowFunction::kLinearExact};
  }
  return film;
}

}  // namespace rationale
