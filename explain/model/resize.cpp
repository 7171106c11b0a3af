#include "explain/model/resize.h"

#include <cstdint>
#include <vector>

#include "data/image/resample.h"

namespace rationale::explain {
namespace {

Plane resized_bytes(const Plane& plane, PilFilter filter, int rows, int cols) {
  const std::vector<std::uint8_t> in(plane.values.begin(), plane.values.end());
  const auto out = pil_resize_u8(in, plane.rows, plane.cols, rows, cols, filter);
  return {rows, cols, {out.begin(), out.end()}};
}

}  // namespace

bool needs_bytes(Resize filter) {
  return filter == Resize::kPilBilinearU8 || filter == Resize::kPilBicubicU8 || filter == Resize::kPilLanczosU8;
}

Plane resized(const Plane& plane, Resize filter, int rows, int cols) {
  switch (filter) {
    case Resize::kPilBilinearU8:
      return resized_bytes(plane, PilFilter::kBilinear, rows, cols);
    case Resize::kPilBicubicU8:
      return resized_bytes(plane, PilFilter::kBicubic, rows, cols);
    case Resize::kPilLanczosU8:
      return resized_bytes(plane, PilFilter::kLanczos, rows, cols);
    case Resize::kPilNearest:
      return pil_nearest(plane, rows, cols);
    case Resize::kBilinearAa:
      return bilinear_aa(plane, rows, cols);
    case Resize::kBicubicAa:
      return bicubic_aa(plane, rows, cols);
    case Resize::kBilinear:
      return upsample_bilinear(plane, rows, cols);
    case Resize::kArea:
      return area(plane, rows, cols);
    case Resize::kNearest:
      return nearest(plane, rows, cols);
    case Resize::kNearestFloor:
      return nearest_floor(plane, rows, cols);
    case Resize::kNone:
      break;
  }
  return plane;
}

}  // namespace rationale::explain
