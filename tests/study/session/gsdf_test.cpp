#include "study/session/gsdf.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("luminances are those of gsdf.json", "[study][session][golden]") {
  const auto path = test::shared("golden/study/session/gsdf.json", 14);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors["luminance"].size() == 14);
  const double tolerance = vectors["tolerance_relative"].get<double>();
  for (const auto& [index, luminance] : vectors["luminance"].items()) {
    INFO(index);
    const double expected = luminance.get<double>();
    CHECK(gsdf_luminance(std::stod(index)) == Approx(expected).epsilon(tolerance).margin(0));
  }
}

TEST_CASE("luminance grows with every JND index", "[study][session][gsdf]") {
  double last = 0;
  for (int j = 1; j <= 1023; ++j) {
    const double luminance = gsdf_luminance(j);
    REQUIRE(luminance > last);
    last = luminance;
  }
}

TEST_CASE("JND indices outside PS3.14 are refused", "[study][session][gsdf]") {
  CHECK_THROWS_AS(gsdf_luminance(0.999), Error);
  CHECK_THROWS_AS(gsdf_luminance(1023.5), Error);
  CHECK_THROWS_AS(gsdf_luminance(std::numeric_limits<double>::quiet_NaN()), Error);
}
