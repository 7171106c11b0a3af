#include "tests/fuzz/check.h"

#include <algorithm>
#include <cmath>

#include "data/image/film.h"
#include "data/image/window.h"

namespace rationale::fuzz {

void check_picture(const Picture& picture) {
  require(picture.rows > 0 && picture.cols > 0, "a picture has pixels");
  const auto n = static_cast<std::size_t>(picture.rows) * static_cast<std::size_t>(picture.cols);
  const bool is_float = picture.stored.empty();
  require((is_float ? picture.float_values.size() : picture.stored.size()) == n, "one value a pixel");
  require(picture.padding.empty() || picture.padding.size() == n, "padding of every pixel");
  require(std::isfinite(picture.spacing.aspect) && picture.spacing.aspect > 0, "aspect above 0");

  const auto check = [n](const std::vector<double>& values, double low, double high) {
    require(values.size() == n, "as many values as pixels");
    require(std::ranges::all_of(values, [&](double v) { return v >= low && v <= high; }), "values in range");
  };
  check(modality_values(picture), -1e31, 1e31);
  check(display_values(picture), 0, 1);
  check(display_values(picture, {.kind = WindowChoice::Kind::kMinMax}), 0, 1);
  for (int i = 0; i < static_cast<int>(std::min<std::size_t>(picture.windows.size(), 4)); ++i) {
    check(display_values(picture, {.kind = WindowChoice::Kind::kFile, .index = i}), 0, 1);
  }
  for (int i = 0; i < static_cast<int>(std::min<std::size_t>(picture.voi_luts.size(), 4)); ++i) {
    check(display_values(picture, {.kind = WindowChoice::Kind::kLut, .index = i}), 0, 1);
  }
  require(film_display(picture).values.values.size() == n, "a film for the window");
}

}  // namespace rationale::fuzz
