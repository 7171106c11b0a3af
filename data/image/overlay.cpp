#include "data/image/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/image/contour.h"
#include "data/image/resample.h"

namespace rationale {
namespace {

constexpr Rgb kCasing{0, 0, 0};
constexpr Rgb kAgainst{204, 204, 202};

double at(const Plane& plane, int row, int col) {
  return plane.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(plane.cols) +
                      static_cast<std::size_t>(col)];
}

/// Bilinear between centres; the position is clamped to them.
double sample(const Plane& plane, double row, double col) {
  const double r = std::clamp(row, 0.0, plane.rows - 1.0);
  const double c = std::clamp(col, 0.0, plane.cols - 1.0);
  const int r0 = static_cast<int>(r), c0 = static_cast<int>(c);
  const int r1 = std::min(r0 + 1, plane.rows - 1), c1 = std::min(c0 + 1, plane.cols - 1);
  return std::lerp(std::lerp(at(plane, r0, c0), at(plane, r0, c1), c - c0),
                   std::lerp(at(plane, r1, c0), at(plane, r1, c1), c - c0), r - r0);
}

void draw_outlines(RgbImage& film, const Plane& on_screen, double level, Rgb colour, bool dashed) {
  const std::vector<std::vector<Point>> lines = contour_lines(on_screen, level);
  const double dash = dashed ? 7 : 0, gap = dashed ? 5 : 0;
  draw_lines(film, lines,
             {.width = 3.5, .colour = kCasing, .alpha = 0.55, .dash = dash, .gap = gap});
  draw_lines(film, lines, {.width = 1.5, .colour = colour, .dash = dash, .gap = gap});
}

}  // namespace

double smoothstep(double a, double b, double x) {
  const double t = std::clamp((x - a) / (b - a), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

FilmPlace place_film(int rows, int cols, double aspect, int least, int most) {
  const double height = rows * aspect, width = cols;
  const double longer = std::max(height, width);
  // Without enlarging, one of the two axes keeps its own pixels: the one that is sampled more finely.
  const double own = longer / std::min(aspect, 1.0);
  const double factor = std::clamp(own, static_cast<double>(least), static_cast<double>(most)) / longer;
  FilmPlace place;
  place.rows = std::max(1, static_cast<int>(std::lround(height * factor)));
  place.cols = std::max(1, static_cast<int>(std::lround(width * factor)));
  place.screen_to_picture = grid_to_pixels(place.rows, place.cols, rows, cols);
  return place;
}

RgbImage render_film(const Plane& film, const FilmPlace& place) {
  const Plane shown = bilinear_aa(film, place.rows, place.cols);
  RgbImage image{place.rows, place.cols, {}};
  image.values.reserve(3 * shown.values.size());
  for (const float value : shown.values) {
    const auto grey = static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0F, 1.0F)));
    image.values.insert(image.values.end(), 3, grey);
  }
  return image;
}

Plane map_on_screen(const Plane& map, const Affine& map_to_picture, const FilmPlace& place) {
  const Affine to_cell = compose(place.screen_to_picture, inverse(map_to_picture));
  Plane result{place.rows, place.cols, {}};
  result.values.reserve(static_cast<std::size_t>(place.rows) * static_cast<std::size_t>(place.cols));
  for (int row = 0; row < place.rows; ++row) {
    for (int col = 0; col < place.cols; ++col) {
      const Point cell = apply(to_cell, {static_cast<double>(row), static_cast<double>(col)});
      const bool is_inside = cell.row >= -0.5 && cell.row <= map.rows - 0.5 && cell.col >= -0.5 &&
                             cell.col <= map.cols - 0.5;
      result.values.push_back(is_inside ? static_cast<float>(sample(map, cell.row, cell.col)) : 0);
    }
  }
  return result;
}

Rgb blue_orange(double share) {
  constexpr std::array<double, 3> kLow{{70, 95, 140}}, kBlue{{70, 170, 255}};
  constexpr std::array<double, 3> kHigh{{140, 95, 50}}, kOrange{{255, 160, 40}};
  const double t = std::min(std::abs(share), 1.0);
  const auto& from = share < 0 ? kLow : kHigh;
  const auto& to = share < 0 ? kBlue : kOrange;
  const auto channel = [&](std::size_t c) {
    return static_cast<std::uint8_t>(std::lround(std::lerp(from[c], to[c], t)));
  };
  return {channel(0), channel(1), channel(2)};
}

MapExtent extent_of(const Plane& map) {
  const auto [smallest, largest] = std::ranges::minmax_element(map.values);
  return {*smallest, *largest};
}

void lay_over(RgbImage& film, const Plane& on_screen, const OverlayOptions& options) {
  if (options.style == OverlayStyle::kOutline) {
    for (const double level : scale_ticks(options.scale)) {
      if (level <= 0) continue;
      draw_outlines(film, on_screen, level, viridis(level / options.scale), false);
      draw_outlines(film, on_screen, -level, kAgainst, true);
    }
    return;
  }
  for (int row = 0; row < film.rows; ++row) {
    for (int col = 0; col < film.cols; ++col) {
      const double share = at(on_screen, row, col) / options.scale;
      const bool is_signed = options.style == OverlayStyle::kSigned;
      const double size = is_signed ? std::abs(share) : share;
      const double alpha = options.opacity * smoothstep(kInvisibleBelow, kFullAbove, size);
      if (alpha > 0) blend(film, row, col, is_signed ? blue_orange(share) : viridis(share), alpha);
    }
  }
}

std::vector<double> scale_ticks(double last) {
  const double rough = last / 5.5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  for (int i = 0; i * step <= last * (1 + 1e-9); ++i) ticks.push_back(i * step);
  return ticks;
}

}  // namespace rationale
