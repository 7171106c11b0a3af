// Slices in the order of their places, and every way in which a folder is no volume.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "data/base/error.h"
#include "data/volume/volume.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

/// `count` axial slices, 2.5 mm apart, 0.7 mm pixels; file names and places do not agree.
std::vector<Slice> slices(int count) {
  std::vector<Slice> all;
  for (int i = 0; i < count; ++i) {
    Slice s;
    s.file = fmt::format("/scan/{:03}.dcm", (7 * i) % count);  // 7 and the counts used have no common factor
    s.series = "1.2.3";
    s.rows = 32;
    s.cols = 40;
    s.spacing = {.vertical_mm = 0.7, .horizontal_mm = 0.7, .aspect = 1};
    s.position = Vector3{-10, -20, -100 + 2.5 * i};
    s.along_row = Vector3{1, 0, 0};
    s.along_column = Vector3{0, 1, 0};
    all.push_back(s);
  }
  std::sort(all.begin(), all.end(), [](const Slice& a, const Slice& b) { return a.file < b.file; });
  return all;
}

/// Turns all slices about the x axis: coronal and oblique volumes are volumes too.
void tilt(std::vector<Slice>& all, double angle) {
  const auto turned = [&](const Vector3& v) {
    return Vector3{v[0], std::cos(angle) * v[1] - std::sin(angle) * v[2],
                   std::sin(angle) * v[1] + std::cos(angle) * v[2]};
  };
  for (Slice& s : all) {
    s.position = turned(*s.position);
    s.along_row = turned(*s.along_row);
    s.along_column = turned(*s.along_column);
  }
}

Slice& at(std::vector<Slice>& all, int i) {
  const auto count = static_cast<int>(all.size());
  const std::string name = fmt::format("/scan/{:03}.dcm", (7 * i) % count);
  return *std::find_if(all.begin(), all.end(), [&](const Slice& s) { return s.file == name; });
}

Error error_of(std::vector<Slice> all) {
  try {
    order_slices(std::move(all), "/scan");
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was refused");
  throw std::logic_error("unreachable");
}

bool says(const Error& error, const std::string& text) {
  return std::string(error.what()).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("Slices are ordered by their place along the normal whatever their names", "[volume]") {
  const double angle = GENERATE(0.0, 0.4, 1.5707963267948966, 2.8);
  std::vector<Slice> all = slices(11);
  tilt(all, angle);
  const OrderedSlices ordered = order_slices(all, "/scan");
  REQUIRE(ordered.slices.size() == 11);
  for (int i = 0; i < 11; ++i) {
    const auto z = static_cast<std::size_t>(i);
    CHECK(ordered.slices[z].file == fmt::format("/scan/{:03}.dcm", (7 * i) % 11));
    CHECK(ordered.geometry.positions_mm[z] == Approx(2.5 * i).margin(1e-9));
  }
  CHECK(ordered.geometry.slice_spacing_mm == Approx(2.5));
  CHECK(ordered.geometry.normal[2] == Approx(std::cos(angle)).margin(1e-9));
  CHECK(ordered.warnings.empty());
  std::reverse(all.begin(), all.end());
  CHECK(order_slices(all, "/scan").slices[3].file == ordered.slices[3].file);
}

TEST_CASE("A gap is refused with the number of missing slices and the files beside it", "[volume]") {
  std::vector<Slice> all = slices(13);
  std::erase_if(
      all, [&](const Slice& s) { return (*s.position)[2] == -100 + 2.5 * 4 || (*s.position)[2] == -100 + 2.5 * 5; });
  const Error error = error_of(all);
  CHECK(error.code == "missing_slices");
  CHECK(says(error, "2 slices are missing"));
  CHECK(says(error, fmt::format("{:03}.dcm and {:03}.dcm", 7 * 3 % 13, 7 * 6 % 13)));
}

TEST_CASE("Two slices in one place are refused with both names", "[volume]") {
  std::vector<Slice> all = slices(9);
  Slice twin = at(all, 2);
  twin.file = "/scan/again.dcm";
  all.push_back(twin);
  const Error error = error_of(all);
  CHECK(error.code == "duplicate_slice");
  CHECK(says(error, "005.dcm and again.dcm"));
}

TEST_CASE("Small unevenness is told and large unevenness refused", "[volume]") {
  std::vector<Slice> all = slices(9);
  (*at(all, 4).position)[2] += 0.01;
  CHECK(order_slices(all, "/scan").warnings.empty());  // 0.4 %
  (*at(all, 4).position)[2] += 0.14;
  const OrderedSlices told = order_slices(all, "/scan");
  REQUIRE(told.warnings.size() == 1);
  CHECK(told.warnings[0].find("6.0 % off") != std::string::npos);
  CHECK(told.geometry.positions_mm[4] == Approx(10.15));  // kept as it is
  (*at(all, 4).position)[2] += 0.5;
  CHECK(error_of(all).code == "uneven_spacing");
}

TEST_CASE("A scout among the slices is named", "[volume]") {
  std::vector<Slice> all = slices(9);
  Slice scout = at(all, 0);
  scout.file = "/scan/scout.dcm";
  scout.along_column = Vector3{0, 0, -1};
  all.push_back(scout);
  const Error error = error_of(all);
  CHECK(error.code == "mixed_orientation");
  CHECK(says(error, "scout.dcm"));
  CHECK(says(error, "1 of 10"));
}

TEST_CASE("Slices without a position or orientation are named", "[volume]") {
  std::vector<Slice> all = slices(9);
  SECTION("position") { at(all, 3).position.reset(); }
  SECTION("orientation") { at(all, 3).along_row.reset(); }
  const Error error = error_of(all);
  CHECK(error.code == "no_position");
  CHECK(says(error, fmt::format("{:03}.dcm", 7 * 3 % 9)));
}

TEST_CASE("Several series in one folder are refused with their numbers of slices", "[volume]") {
  std::vector<Slice> all = slices(9);
  at(all, 1).series = "1.2.4";
  const Error error = error_of(all);
  CHECK(error.code == "mixed_series");
  CHECK(says(error, "1.2.3 (8 slices"));
  CHECK(says(error, "1.2.4 (1 slices"));
}

TEST_CASE("Slices of another size, spacing, or with impossible directions are refused", "[volume]") {
  std::vector<Slice> all = slices(9);
  SECTION("size") {
    at(all, 5).rows = 31;
    CHECK(error_of(all).code == "mixed_sizes");
  }
  SECTION("spacing") {
    at(all, 5).spacing.vertical_mm = 0.8;
    CHECK(error_of(all).code == "mixed_sizes");
  }
  SECTION("directions") {
    at(all, 5).along_row = Vector3{1, 0.5, 0};
    CHECK(error_of(all).code == "bad_orientation");
  }
  SECTION("one slice") {
    all.resize(1);
    CHECK(error_of(all).code == "no_slices");
  }
  SECTION("tilted gantry") {
    for (int i = 0; i < 9; ++i) (*at(all, i).position)[1] += 0.3 * i;
    CHECK(error_of(all).code == "sheared");
  }
}
