// golden/concepts: every array and scalar of an independent implementation (numpy, Newton's method), at the
// tolerances of its index.json.
#include <cmath>
#include <nlohmann/json.hpp>

#include "concepts/fit/fit_folder.h"
#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace {

using nlohmann::json;
using rationale::DoubleArray;

/// max |a - b| / max |b| over values first … first + count - 1.
double relative_difference(const DoubleArray& a, const DoubleArray& b, std::size_t first,
                           std::size_t count) {
  double worst = 0, largest = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    worst = std::max(worst, std::abs(a.values[i] - b.values[i]));
    largest = std::max(largest, std::abs(b.values[i]));
  }
  return largest > 0 ? worst / largest : worst;
}

void compare_arrays(const rationale::concepts::FolderFit& fit, const std::string& name,
                    const std::filesystem::path& root) {
  const json files = json::parse(rationale::read_file(root / "index.json"))["files"];
  int compared = 0;
  for (const auto& [path, entry] : files.items()) {
    if (path.rfind(name + "/", 0) != 0 || !entry.contains("rtol")) continue;
    const std::string stem = std::filesystem::path(path).stem().string();
    INFO(path);
    REQUIRE(fit.arrays.count(stem) == 1);
    const DoubleArray expected = rationale::read_npy_double(root / path);
    const DoubleArray& got = fit.arrays.at(stem);
    REQUIRE(got.shape == expected.shape);
    if (stem == "cav_w") {  // per row, 1e-5: liblinear stops at eps 1e-8
      const auto width = static_cast<std::size_t>(expected.shape[1]);
      for (std::size_t row = 0; row < expected.values.size(); row += width) {
        CHECK(relative_difference(got, expected, row, width) <= 1e-5);
      }
    } else {
      CHECK(relative_difference(got, expected, 0, expected.values.size()) <=
            entry["rtol"].get<double>());
    }
    ++compared;
  }
  CHECK(compared >= 20);
}

/// Facts about the reference implementation itself, not results.
bool is_about_the_reference(const std::string& key) {
  return key == "layer" || key == "arch" || key == "grad_norm" || key.rfind("liblinear_", 0) == 0 ||
         key == "ridge_primal_dual_maxdiff" || key == "whatif_additivity_maxerr" ||
         key == "f_test_float32_maxdiff";
}

void compare_scalars(const json& got, const json& expected, const std::string& where) {
  INFO(where);
  if (expected.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (is_about_the_reference(key)) continue;
      INFO(key);
      REQUIRE(got.contains(key));
      compare_scalars(got[key], value, where + "/" + key);
    }
  } else if (expected.is_array()) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      compare_scalars(got[i], expected[i], where + "/" + std::to_string(i));
    }
  } else if (expected.is_number_float()) {
    REQUIRE(got.is_number());
    const double value = expected.get<double>();
    const bool is_exact = where.find("_p") != std::string::npos ||
                          where.find("tcav") != std::string::npos ||
                          where.find("holm") != std::string::npos;
    // A standard deviation of exactly 0 comes out as rounding noise of either program.
    CHECK(std::abs(got.get<double>() - value) <=
          (is_exact ? 1e-12 : 1e-6 * std::abs(value) + 1e-12));
  } else {
    CHECK(got == expected);
  }
}

}  // namespace

TEST_CASE("every number of the concept recipe equals an independent implementation",
          "[concepts][golden]") {
  const std::string name = GENERATE(as<std::string>{}, "pool32", "flat256", "wide1536");
  const auto root = rationale::test::shared("golden/concepts", 24);
  if (!root || !std::filesystem::exists(*root / name)) return;
  const auto fit = rationale::concepts::fit_folder(*root / name, 1);
  SECTION("arrays") { compare_arrays(fit, name, *root); }
  SECTION("scalars") {
    compare_scalars(json::parse(fit.results.dump()),
                    json::parse(rationale::read_file(*root / name / "expected.json")), name);
  }
}

TEST_CASE("what is written is what was computed, under the same names", "[concepts][golden]") {
  const auto root = rationale::test::shared("golden/concepts", 1);
  if (!root) return;
  const auto fit = rationale::concepts::fit_folder(*root / "pool32", 1);
  const rationale::TemporaryFolder out;
  rationale::concepts::write_fit(fit, out.path());
  for (const auto& [stem, array] : fit.arrays) {
    CHECK(rationale::read_npy_double(out.path() / (stem + ".npy")).values == array.values);
  }
  CHECK(json::parse(rationale::read_file(out.path() / "results.json"))["K"] == 4);
}
