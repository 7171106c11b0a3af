#include "data/samples/ct.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/samples/stream.h"

namespace rationale::samples {
namespace {

constexpr std::uint64_t kCtStream = 5, kCtLabelStream = 6;
constexpr int kVessels = 4;  // two a lung
constexpr double kAir = -1000, kLung = -850, kSoft = 40, kBone = 300;
constexpr double kNoise = 25;  // standard deviation, HU

struct Point3 {
  double x = 0, y = 0, z = 0;  ///< mm from the middle: to the patient's left, to the back, to the head
};

struct Vessel {
  Point3 at;              ///< on its axis, at z = 0
  double dx = 0, dy = 0;  ///< tilt, mm a mm of z
  double radius = 0;
};

double square(double v) { return v * v; }

/// 1 inside, 0 outside, over about 2 mm. @param depth_mm  how far inside the surface
double soft(double depth_mm) { return 1 / (1 + std::exp(-std::clamp(depth_mm / 0.8, -40.0, 40.0))); }

/// How far inside an ellipsoid, roughly in mm.
double inside(const Point3& p, const Point3& centre, double rx, double ry, double rz) {
  const double r =
      std::sqrt(square((p.x - centre.x) / rx) + square((p.y - centre.y) / ry) + square((p.z - centre.z) / rz));
  return (1 - r) * std::min({rx, ry, rz});
}

struct Chest {
  double size = 1;
  std::array<Vessel, kVessels> vessels{};
  Point3 nodule;
  double nodule_radius = 0;

  explicit Chest(Stream& stream) : size(stream.uniform(0.95, 1.05)) {
    for (int i = 0; i < kVessels; ++i) {
      Vessel& v = vessels[static_cast<std::size_t>(i)];
      const double side = i % 2 == 0 ? 1 : -1;
      v.at = {side * stream.uniform(42, 80), stream.uniform(-45, 35), 0};
      v.dx = stream.uniform(-0.15, 0.15);
      v.dy = stream.uniform(-0.15, 0.15);
      v.radius = stream.uniform(3.5, 6);
    }
    const double side = stream.bernoulli(0.5) ? 1 : -1;
    nodule = {side * stream.uniform(48, 72), stream.uniform(-35, 25), stream.uniform(-38, 38)};
    nodule_radius = stream.uniform(13, 19);
  }

  double hounsfield(const Point3& p, bool has_nodule) const {
    const double body = soft(inside(p, {0, 0, p.z}, 132 * size, 100 * size, 1e3));
    const double lung = soft(std::max(inside(p, {60 * size, -5, 0}, 44 * size, 66 * size, 80),
                                      inside(p, {-60 * size, -5, 0}, 44 * size, 66 * size, 80)));
    const double heart = soft(inside(p, {18, -28, -28}, 44, 38, 42));
    const double spine = soft(16 - std::hypot(p.x, p.y - 68 * size));
    double value = kAir + (kSoft - kAir) * body;
    value += (kLung - kSoft) * lung * (1 - heart);
    value += (kBone - kSoft) * spine;
    double dense = 0;  // what stands out in the lung: the densest counts
    for (const Vessel& v : vessels) {
      const double distance = std::hypot(p.x - v.at.x - v.dx * p.z, p.y - v.at.y - v.dy * p.z);
      dense = std::max(dense, soft(v.radius - distance));
    }
    if (has_nodule) {
      dense = std::max(dense, soft(nodule_radius - std::hypot(p.x - nodule.x, p.y - nodule.y, p.z - nodule.z)));
    }
    return value + (kSoft - kLung) * dense * lung * (1 - heart);
  }
};

}  // namespace

CtPhantom ct_phantom(std::uint64_t seed, std::uint64_t index, int nodule) {
  Stream labels(seed, index, kCtLabelStream), stream(seed, index, kCtStream);
  const bool drawn = labels.bernoulli(0.5);
  const Chest chest(stream);
  CtPhantom result;
  result.name = fmt::format("ct{}-{:04}", seed, index);
  result.patient = fmt::format("C{}-{:04}", seed, index);
  result.has_nodule = nodule < 0 ? drawn : nodule > 0;
  result.nodule_radius_mm = chest.nodule_radius;
  constexpr double kMiddle = (kCtSide - 1) / 2.0, kMiddleSlice = (kCtSlices - 1) / 2.0;
  result.nodule_centre = {chest.nodule.z / kCtSliceMm + kMiddleSlice, chest.nodule.y / kCtPixelMm + kMiddle,
                          chest.nodule.x / kCtPixelMm + kMiddle};
  for (int z = 0; z < kCtSlices; ++z) {
    for (int row = 0; row < kCtSide; ++row) {
      for (int col = 0; col < kCtSide; ++col) {
        const Point3 p{(col - kMiddle) * kCtPixelMm, (row - kMiddle) * kCtPixelMm, (z - kMiddleSlice) * kCtSliceMm};
        const double value = chest.hounsfield(p, result.has_nodule) + kNoise * stream.normal();
        result.hounsfield.push_back(static_cast<std::int16_t>(std::lround(std::clamp(value, -1024.0, 3071.0))));
        const bool is_nodule =
            std::hypot(p.x - chest.nodule.x, p.y - chest.nodule.y, p.z - chest.nodule.z) < chest.nodule_radius;
        result.mask.push_back(result.has_nodule && is_nodule ? 1 : 0);
      }
    }
  }
  return result;
}

FloatArray ct_network_input(const CtPhantom& phantom) {
  FloatArray x{{1, kCtSlices, kCtSide, kCtSide}, {}};
  x.values.reserve(phantom.hounsfield.size());
  for (const std::int16_t value : phantom.hounsfield) {
    const auto windowed = static_cast<float>(std::clamp((value + 1000.0) / 1200.0, 0.0, 1.0));
    x.values.push_back(static_cast<float>((static_cast<double>(windowed) - 0.3) / 0.3));
  }
  return x;
}

}  // namespace rationale::samples
