#include "data/image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/digest.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
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

/// SHA-256 of the values' bytes, first 16 digits.
template <typename T>
std::string digest(const std::vector<T>& values) {
  return sha256_hex(std::as_bytes(std::span(values))).substr(0, 16);
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
                                                    {"bicubic_aa", bicubic_aa},
                                                    {"area", area},
                                                    {"nearest", nearest},
                                                    {"nearest_floor", nearest_floor},
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

TEST_CASE("8-bit pictures are resized as by Pillow, bit for bit", "[data][resample]") {
  const std::pair<std::string, PilFilter> filters[] = {{"pil", PilFilter::kBilinear},
                                                       {"pil_bicubic", PilFilter::kBicubic},
                                                       {"pil_lanczos", PilFilter::kLanczos}};
  for (const std::string& size : kSizes) {
    const auto in = std::get<Array<std::uint8_t>>(
        read_npy(test::in_tests("golden/resample/" + size + "_u8.npy")));
    for (const auto& [name, filter] : filters) {
      const auto expected = std::get<Array<std::uint8_t>>(
          read_npy(test::in_tests("golden/resample/" + size + "_" + name + ".npy")));
      INFO(size << " " << name);
      CHECK(pil_resize_u8(in.values, static_cast<int>(in.shape[0]), static_cast<int>(in.shape[1]),
                          static_cast<int>(expected.shape[0]), static_cast<int>(expected.shape[1]),
                          filter) == expected.values);
    }
  }
}

TEST_CASE("between 500 pairs of sizes every exact filter is that of torch or Pillow, bit for bit", "[data][resample]") {
  const CsvTable golden = read_csv(test::in_tests("golden/resample/lines.csv"));
  REQUIRE(golden.rows.size() == 500);
  for (const CsvRow& row : golden.rows) {
    const auto n_in = static_cast<int>(*parse_integer(row.cells[0]));
    const auto n_out = static_cast<int>(*parse_integer(row.cells[1]));
    INFO(n_in << " to " << n_out);
    Plane line{1, n_in, {}};
    std::vector<std::uint8_t> column;
    for (int i = 0; i < n_in; ++i) {
      line.values.push_back(static_cast<float>(i));
      column.push_back(static_cast<std::uint8_t>((7 * i + 13 * (i % 5)) % 256));
    }
    int cell = 2;
    for (const auto& filter : {pil_nearest, nearest, nearest_floor}) {
      const Plane out = filter(line, 1, n_out);
      const std::vector<std::int32_t> places(out.values.begin(), out.values.end());
      CHECK(digest(places) == row.cells[static_cast<std::size_t>(cell++)]);
    }
    for (const PilFilter filter : {PilFilter::kBilinear, PilFilter::kBicubic, PilFilter::kLanczos}) {
      CHECK(digest(pil_resize_u8(column, n_in, 1, n_out, 1, filter)) == row.cells[static_cast<std::size_t>(cell++)]);
    }
  }
}

TEST_CASE("resizing to the same size changes nothing, and constants stay constant",
          "[data][resample]") {
  const Plane in = plane_of(vector_of("9x7_20x30_in"));
  for (const auto& filter : {bilinear_aa, bicubic_aa, area, nearest, nearest_floor, pil_nearest, upsample_bilinear}) {
    CHECK(filter(in, in.rows, in.cols).values == in.values);
    const Plane flat{5, 3, std::vector<float>(15, 7.25F)};
    for (const float value : filter(flat, 11, 2).values) CHECK(value == Approx(7.25).epsilon(1e-7));
  }
}

TEST_CASE("one row or one column can be resized", "[data][resample]") {
  const Plane dot{1, 1, {3.0F}};
  for (const auto& filter : {bilinear_aa, bicubic_aa, area, nearest, nearest_floor, pil_nearest, upsample_bilinear}) {
    CHECK(filter(dot, 2, 3).values == std::vector<float>(6, 3.0F));
  }
}
