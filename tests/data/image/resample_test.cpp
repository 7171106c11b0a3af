#include "data/image/resample.h"

#include <cmath>
#include <functional>
#include <string>

#include "data/arrays/npy.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

const std::string kSizes[] = {"37x53_16x24", "9x7_20x30", "64x48_64x12"};

Plane plane_of(const FloatArray& array) {
  return {static_cast<int>(array.shape[0]), static_cast<int>(array.shape[1]), array.values};
}

FloatArray vector_of(const std::string& name) {
  return read_npy_float(test::in_tests("golden/resample/" + name + ".npy"));
}

double worst_difference(const Plane& plane, const FloatArray& expected) {
  REQUIRE(plane.rows == expected.shape[0]);
  REQUIRE(plane.cols == expected.shape[1]);
  double worst = 0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(plane.values[i] - expected.values[i])));
  }
  return worst;
}

}  // namespace

TEST_CASE("the float filters give torch's numbers, shrinking and growing", "[data][resample]") {
  using Filter = std::function<Plane(const Plane&, int, int)>;
  const std::pair<std::string, Filter> filters[] = {{"bilinear_aa", bilinear_aa},
                                                    {"area", area},
                                                    {"nearest", nearest},
                                                    {"upsample", upsample_bilinear}};
  for (const std::string& size : kSizes) {
    const Plane in = plane_of(vector_of(size + "_in"));
    for (const auto& [name, filter] : filters) {
      const FloatArray expected = vector_of(size + "_" + name);
      INFO(size << " " << name);
      // Values up to 200: torch places and weighs in float32 (position 50 +- 4e-6, times steps of
      // up to 100 between neighbours), ours in double.
      CHECK(worst_difference(filter(in, static_cast<int>(expected.shape[0]),
                                    static_cast<int>(expected.shape[1])),
                             expected) < 5e-4);
    }
  }
}

TEST_CASE("the 8-bit triangle equals Pillow's BILINEAR bit for bit", "[data][resample]") {
  for (const std::string& size : kSizes) {
    const auto in = std::get<Array<std::uint8_t>>(
        read_npy(test::in_tests("golden/resample/" + size + "_u8.npy")));
    const auto expected = std::get<Array<std::uint8_t>>(
        read_npy(test::in_tests("golden/resample/" + size + "_pil.npy")));
    INFO(size);
    CHECK(pil_bilinear_u8(in.values, static_cast<int>(in.shape[0]), static_cast<int>(in.shape[1]),
                          static_cast<int>(expected.shape[0]),
                          static_cast<int>(expected.shape[1])) == expected.values);
  }
}

TEST_CASE("resizing to the same size changes nothing, and constants stay constant",
          "[data][resample]") {
  const Plane in = plane_of(vector_of("9x7_20x30_in"));
  for (const auto& filter : {bilinear_aa, area, nearest, upsample_bilinear}) {
    CHECK(filter(in, in.rows, in.cols).values == in.values);
    const Plane flat{5, 3, std::vector<float>(15, 7.25F)};
    for (const float value : filter(flat, 11, 2).values) CHECK(value == Approx(7.25).epsilon(1e-7));
  }
}

TEST_CASE("one row or one column can be resized", "[data][resample]") {
  const Plane dot{1, 1, {3.0F}};
  for (const auto& filter : {bilinear_aa, area, nearest, upsample_bilinear}) {
    CHECK(filter(dot, 2, 3).values == std::vector<float>(6, 3.0F));
  }
}
