#include "data/samples/phantom.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "data/samples/stream.h"

namespace rationale::samples {
namespace {

constexpr std::uint64_t kPixelStream = 1;
constexpr int kVessels = 9;
constexpr double kMaskShare = 0.2;
constexpr double kNoise = 0.04;

/// The draws of one image, in their order (dx, dy, sc, hr, q0 … q23), and what follows from them.
/// Positions: u = column / 95 to the right, v = row / 95 downwards.
struct Draws {
  double dx, dy, scale, heart_radius;
  std::array<double, 24> q;
  std::array<double, kVessels> cos_angle, sin_angle;

  explicit Draws(Stream& stream)
      : dx(stream.uniform(-0.02, 0.02)),
        dy(stream.uniform(-0.02, 0.02)),
        scale(stream.uniform(0.95, 1.05)),
        heart_radius(stream.uniform(0.105, 0.125)) {
    for (double& value : q) value = stream.uniform();
    for (std::size_t j = 0; j < kVessels; ++j) {
      cos_angle[j] = std::cos(2 * std::numbers::pi * q[j]);
      sin_angle[j] = std::sin(2 * std::numbers::pi * q[j]);
    }
  }

  double middle() const { return 0.5 + dx; }
};

double square(double x) { return x * x; }
double gauss(double x) { return std::exp(-x * x); }
double side_of(double q) { return q < 0.5 ? 1.0 : -1.0; }

double logistic(double x) { return 1 / (1 + std::exp(-std::clamp(x, -50.0, 50.0))); }

double ellipse_distance(double u, double v, double cu, double cv, double ru, double rv) {
  return std::sqrt(square((u - cu) / ru) + square((v - cv) / rv));
}

/// 1 inside, 0 outside, with a soft edge of relative width `soft`.
double soft_ellipse(double u, double v, double cu, double cv, double ru, double rv, double soft) {
  return logistic((1 - ellipse_distance(u, v, cu, cv, ru, rv)) / soft);
}

// --- anatomy ---

double vessels(double u, double v, const Draws& d) {
  double sum = 0;
  for (std::size_t j = 0; j < kVessels; ++j) {
    const double along = d.cos_angle[j] * u + d.sin_angle[j] * v;
    sum +=
        0.03 * std::cos(2 * std::numbers::pi * along * (6.0 + static_cast<double>(j)) + 7 * d.q[j]);
  }
  return sum;
}

double ribs(double u, double v, const Draws& d) {
  double sum = 0;
  for (int j = 0; j < 7; ++j) {
    const double centre = 0.16 + 0.085 * j + d.dy;
    sum += gauss((v - centre - 0.35 * square(u - d.middle())) / 0.012);
  }
  return sum;
}

double heart(double u, double v, const Draws& d, bool is_enlarged) {
  const double ru = d.heart_radius * (is_enlarged ? 1.45 + 0.1 * d.q[12] : 1.0);
  const double rv = is_enlarged ? 0.157 : 0.14;
  return 0.80 * soft_ellipse(u, v, 0.53 + d.dx, 0.62 + d.dy, ru, rv, 0.06);
}

double diaphragm(double u, double v, const Draws& d) {
  return 0.78 * std::max(soft_ellipse(u, v, 0.30 + d.dx, 0.86 + d.dy, 0.19, 0.13, 0.05),
                         soft_ellipse(u, v, 0.70 + d.dx, 0.88 + d.dy, 0.19, 0.13, 0.05));
}

// --- findings ---

struct Pneumothorax {
  bool is_air = false;  ///< no lung markings, and darker by kDarker
  double line = 0;      ///< the visceral pleura, brighter
  static constexpr double kDarker = 0.06;
};

Pneumothorax pneumothorax(double u, double v, const Draws& d) {
  const double side = side_of(d.q[10]);
  const double distance = ellipse_distance(u, v, d.middle() + 0.20 * side, 0.46 + d.dy,
                                           0.155 * d.scale, 0.30 * d.scale);
  const double lateral = (u - d.middle()) * side;
  const double edge = 0.80 + 0.05 * d.q[11];
  Pneumothorax result;
  result.is_air = edge < distance && distance < 1 && v < 0.52 && lateral > 0.16;
  if (v < 0.52 && lateral > 0.10) result.line = 0.22 * gauss((distance - edge) / 0.035);
  return result;
}

double nodule(double u, double v, const Draws& d) {
  const double cu = d.middle() + side_of(d.q[13]) * (0.17 + 0.06 * d.q[14]);
  const double cv = 0.30 + 0.25 * d.q[15] + d.dy;
  const double sigma = 0.022 + 0.008 * d.q[16];
  return 0.34 * std::exp(-(square(u - cu) + square(v - cv)) / (2 * square(sigma)));
}

double consolidation(double u, double v, const Draws& d, double vessel, double lung) {
  const double cu = d.middle() + side_of(d.q[17]) * 0.19;
  const double cv = 0.40 + 0.22 * d.q[18] + d.dy;
  return 0.22 * gauss((u - cu) / 0.085) * gauss((v - cv) / 0.07) *
         std::clamp(0.75 + 0.5 * std::abs(vessel) / 0.08, 0.5, 1.3) * lung;
}

double effusion(double u, double v, const Draws& d, double lung) {
  const double lateral = (u - d.middle()) * side_of(d.q[19]);
  if (lateral <= 0.04) return 0;
  const double level = 0.56 + 0.08 * d.q[20] + d.dy;
  const double meniscus = level - 0.10 * square(std::clamp((lateral - 0.1) / 0.25, 0.0, 1.0));
  return 0.34 * logistic((v - meniscus) / 0.012) * std::clamp(1.5 * lung, 0.0, 1.0);
}

// --- confounders ---

double shoulder(double u, double v) {
  return 0.30 * gauss((u - 0.08) / 0.10) * gauss((v - 0.10) / 0.09);
}

/// Rows of a 3 x 5 letter, top to bottom, three bits each.
std::array<unsigned, 5> glyph(char letter) {
  switch (letter) {
    case 'P':
      return {0b111, 0b101, 0b111, 0b100, 0b100};
    case 'O':
      return {0b111, 0b101, 0b101, 0b101, 0b111};
    case 'R':
      return {0b111, 0b101, 0b110, 0b101, 0b101};
    case 'T':
      return {0b111, 0b010, 0b010, 0b010, 0b010};
    case 'A':
      return {0b111, 0b101, 0b111, 0b101, 0b101};
    case 'B':
      return {0b110, 0b101, 0b110, 0b101, 0b110};
    case 'L':
      return {0b100, 0b100, 0b100, 0b100, 0b111};
    case 'E':
      return {0b111, 0b100, 0b110, 0b100, 0b111};
    default:
      return {};
  }
}

struct Stamp {
  std::string_view text;
  int row, col, scale;  ///< top left pixel; pixels per font dot
  double brightness;
};
constexpr Stamp kSideMarker{"L", 6, 86, 2, 0.55};
constexpr Stamp kPortableStamp{"PORTABLE", 88, 4, 1, 0.45};

double stamp(const Stamp& s, int row, int col) {
  const int y = row - s.row;
  const int x = col - s.col;
  if (y < 0 || x < 0 || y >= 5 * s.scale) return 0;
  const int letter = x / (4 * s.scale);
  const int dot = x / s.scale % 4;
  if (letter >= static_cast<int>(s.text.size()) || dot > 2) return 0;
  const unsigned bits =
      glyph(s.text[static_cast<std::size_t>(letter)])[static_cast<std::size_t>(y / s.scale)];
  return ((bits >> (2 - dot)) & 1U) != 0 ? s.brightness : 0;
}

/// The change that each finding makes (or would make) at one pixel.
using Terms = std::array<double, kFindingCount>;

/// One pixel before noise. `terms` receives every finding's change, present or not.
double intensity(int row, int col, const Draws& d, const Findings& has, Terms& terms) {
  const double u = col / 95.0;
  const double v = row / 95.0;
  const auto add = [&](Finding finding, double term) {
    terms[finding] = term;
    return has[finding] ? term : 0.0;
  };

  double value = 0.55 + 0.25 * soft_ellipse(u, v, 0.5 + d.dx, 0.55 + d.dy, 0.47 * d.scale,
                                            0.60 * d.scale, 0.06);
  const double lung =
      std::max(soft_ellipse(u, v, 0.30 + d.dx, 0.46 + d.dy, 0.155 * d.scale, 0.30 * d.scale, 0.08),
               soft_ellipse(u, v, 0.70 + d.dx, 0.46 + d.dy, 0.155 * d.scale, 0.30 * d.scale, 0.08));
  value -= 0.42 * lung;
  const double vessel = vessels(u, v, d);
  double texture = vessel * lung;
  value += 0.07 * ribs(u, v, d) * std::clamp(lung + 0.3, 0.0, 1.0);

  const Pneumothorax air = pneumothorax(u, v, d);
  terms[kPneumothorax] = std::max(air.is_air ? Pneumothorax::kDarker : 0.0, air.line);
  if (has[kPneumothorax]) {
    if (air.is_air) {
      texture = 0;
      value -= Pneumothorax::kDarker;
    }
    value += air.line;
  }
  value += texture;

  const double with_normal_heart = std::max(value, heart(u, v, d, false));
  const double with_enlarged_heart = std::max(value, heart(u, v, d, true));
  terms[kCardiomegaly] = with_enlarged_heart - with_normal_heart;
  value = has[kCardiomegaly] ? with_enlarged_heart : with_normal_heart;
  value = std::max(value, diaphragm(u, v, d));

  value += add(kNodule, nodule(u, v, d));
  value += add(kConsolidation, consolidation(u, v, d, vessel, lung));
  value += add(kEffusion, effusion(u, v, d, lung));
  value += add(kShoulder, shoulder(u, v));
  value += add(kMarker, stamp(kSideMarker, row, col));
  value += add(kPortable, stamp(kPortableStamp, row, col));
  return value;
}

}  // namespace

Phantom render(std::uint64_t seed, std::uint64_t index, const Findings& findings) {
  Stream stream(seed, index, kPixelStream);
  const Draws draws(stream);
  constexpr std::size_t kPixels = std::size_t{kSize} * kSize;

  Phantom phantom;
  phantom.image = {.rows = kSize, .cols = kSize, .values = std::vector<float>(kPixels)};
  std::vector<Terms> terms(kPixels);
  for (int row = 0; row < kSize; ++row) {
    for (int col = 0; col < kSize; ++col) {
      const auto at = static_cast<std::size_t>(row * kSize + col);
      const double value = intensity(row, col, draws, findings, terms[at]);
      phantom.image.values[at] =
          static_cast<float>(std::clamp(value + kNoise * stream.normal(), 0.0, kBrightest));
    }
  }
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    double peak = 0;
    for (const Terms& t : terms) peak = std::max(peak, t[k]);
    phantom.masks[k].resize(kPixels);
    for (std::size_t i = 0; i < kPixels; ++i) {
      phantom.masks[k][i] = peak > 0 && terms[i][k] > kMaskShare * peak ? 1 : 0;
    }
  }
  return phantom;
}

std::vector<std::uint16_t> stored_values(const Plane& image) {
  std::vector<std::uint16_t> stored(image.values.size());
  std::ranges::transform(image.values, stored.begin(), [](float value) {
    return static_cast<std::uint16_t>(
        std::lround(static_cast<double>(value) / kBrightest * kMaxStored));
  });
  return stored;
}

FloatArray network_input(const std::vector<std::uint16_t>& stored) {
  FloatArray input{{1, kSize, kSize}, std::vector<float>(stored.size())};
  std::ranges::transform(stored, input.values.begin(), [](std::uint16_t value) {
    return static_cast<float>((value * kBrightest / kMaxStored - 0.5) / 0.25);
  });
  return input;
}

}  // namespace rationale::samples
