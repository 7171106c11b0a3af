// A dense array with a shape, row-major: what crosses the borders between rooms and goes into .npy files.
#pragma once

#include <cstdint>
#include <vector>

namespace rationale {

using Shape = std::vector<std::int64_t>;

/// Product of the extents; 1 for a scalar.
inline std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

/// values.size() == element_count(shape), row-major (C order).
template <typename T>
struct Array {
  Shape shape;
  std::vector<T> values;
};

using FloatArray = Array<float>;
using DoubleArray = Array<double>;

}  // namespace rationale
