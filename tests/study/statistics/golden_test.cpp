// Every number that golden/statistics has for MRMC studies, and every verdict on degenerate ones (origins and
// tolerances: statistics.md, section 18).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// Interval limits: 1e-9 absolute (see compare). Section 18 says 1e-10, but the reference's t quantile is good to 2.5e-10 only (df 7:
/// 2.364624251012 there; 2.364624251592784 with 50 digits, distributions.json).
double tolerance(const std::string& key) {
  if (key == "df" || key == "df2") return 1e-8;
  return 1e-10;
}

/// The reference's words: ours are our own.
bool is_prose(const std::string& key) { return key == "reason" || key == "note"; }

/// Numbers, words and holes in it, reasons aside.
int values_in(const Json& json) {
  if (!json.is_structured()) return 1;
  int n = 0;
  for (const auto& [key, value] : json.items()) n += is_prose(key) ? 0 : values_in(value);
  return n;
}

/// How many values were compared; failures are reported with their path.
int compare(const Json& got, const Json& wanted, const std::string& path, const std::string& key) {
  INFO(path);
  if (wanted.is_object()) {
    int n = 0;
    for (const auto& [name, value] : wanted.items()) {
      if (is_prose(name) || name == "glmm_false_positive" || name == "case") continue;
      const std::string inner = path + "." + name;
      if (!got.is_object() || !got.contains(name)) {
        FAIL_CHECK("missing: " << inner);
        continue;
      }
      n += compare(got.at(name), value, inner, name);
    }
    return n;
  }
  if (wanted.is_array()) {
    REQUIRE(got.is_array());
    REQUIRE(got.size() == wanted.size());
    int n = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      n += compare(got[i], wanted[i], fmt::format("{}[{}]", path, i), key);
    }
    return n;
  }
  if (wanted.is_null() && key != "df" && key != "df2") {  // a hole: here a reason stands in it
    CHECK(got.value("status", "") == "not_estimable");
    return 1;
  }
  if (!wanted.is_number() || !got.is_number()) {
    CHECK(got == wanted);
    return 1;
  }
  const double w = wanted.get<double>(), g = got.get<double>();
  if (key == "p" && w < 1e-300) {
    CHECK(g < 1e-300);
  } else {
    const bool is_limit = key.starts_with("lower") || key.starts_with("upper");
    const double margin = key == "p" ? 0.0 : (is_limit ? 1e-9 : 1e-13);
    CHECK(g == Approx(w).epsilon(tolerance(key)).margin(margin));
  }
  return 1;
}

Json results_of(const std::filesystem::path& file, const ReadingsOptions& options) {
  return study_results(load_readings(read_csv(file), options));
}

}  // namespace

TEST_CASE("every value of the reference studies is the reference's", "[study][golden]") {
  const auto folder = test::shared("golden/statistics", 7);
  if (!folder) return;
  const std::string study = GENERATE("vandyke", "kundel", "missing_r5", "split_plot_r5", "clamp_r4", "sim_cxr120_r8",
                                     "sim_cxr300_r3");
  Json wanted = Json::parse(read_file(*folder / "expected" / ("mrmc_" + study + ".json")));
  wanted.erase("data");  // the file's name
  ReadingsOptions options{.arms = wanted["auc"]["arms"].get<std::vector<std::string>>()};
  if (study == "vandyke" || study == "kundel") options.positive_at = 4;
  const Json got = results_of(*folder / "data" / (study + ".csv"), options);
  const int n = compare(got, wanted, study, "");
  CHECK(n == values_in(wanted));
  CHECK(n > 450);
  fmt::print("mrmc_{}.json: {} values compared\n", study, n);
}

TEST_CASE("every degenerate study gets its verdict", "[study][golden]") {
  const auto folder = test::shared("golden/statistics", 27);
  if (!folder) return;
  const Json all = Json::parse(read_file(*folder / "expected" / "degenerate.json"));
  CHECK(all.size() == 27);
  for (const auto& [name, wanted] : all.items()) {
    const auto file = *folder / "data" / "degenerate" / (name + ".csv");
    const Json got = results_of(file, {});
    CHECK(compare(got, wanted, name, "") > 0);
  }
}

TEST_CASE("permuted rows give the same results, exchanged arms the opposite difference", "[study]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  CsvTable table = read_csv(*file);
  const Json straight = study_results(load_readings(table, {}));
  std::reverse(table.rows.begin(), table.rows.end());
  CHECK(study_results(load_readings(table, {})) == straight);
  const Json other = study_results(load_readings(table, {.arms = {"visible", "hidden"}}));
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
    const double there = straight[metric]["RRRC"]["estimate"], back = other[metric]["RRRC"]["estimate"];
    CHECK(there == Approx(-back).epsilon(1e-12));
    CHECK(straight[metric]["RRRC"]["p"].get<double>() ==
          Approx(other[metric]["RRRC"]["p"].get<double>()).epsilon(1e-10));
  }
  CHECK(straight["fpr"]["FRRC"]["se"].get<double>() ==
        Approx(straight["specificity"]["FRRC"]["se"].get<double>()).epsilon(1e-12));
}

TEST_CASE("arms that nobody named are asked for", "[study]") {
  const auto file = test::shared("golden/statistics/data/vandyke.csv", 1);
  if (!file) return;
  CHECK_THROWS_AS(load_readings(read_csv(*file), {}), Error);
}

TEST_CASE("readers stand in natural order", "[study]") {
  CHECK(comes_naturally_before("R2", "R10"));
  CHECK_FALSE(comes_naturally_before("R10", "R2"));
  CHECK(comes_naturally_before("R01", "R2"));
  CHECK(comes_naturally_before("a", "b"));
}

TEST_CASE("the switch table is the reference's", "[study][golden]") {
  const auto folder = test::shared("golden/statistics", 2);
  if (!folder) return;
  const std::string study = GENERATE("sim_cxr300_r3", "sim_cxr120_r8");
  Json wanted = Json::parse(read_file(*folder / "expected" / ("models_" + study + ".json")));
  const Json got = results_of(*folder / "data" / (study + ".csv"), {});
  for (auto& [part, table] : wanted["switch"].items()) {
    for (const char* other : {"agreement_with_ai", "over_reliance_fp", "appropriate_override"}) table.erase(other);
    CHECK(compare(got["switch"][part], table, "switch." + part, part) > 0);
  }
  // R's paired t test of reader means (models.R).
  const Json& t = got["confidence"]["paired_t_over_readers"];
  const Json& r = wanted["paired_t_over_readers"];
  CHECK(t["estimate"].get<double>() == Approx(r["estimate"].get<double>()).epsilon(1e-10));
  CHECK(t["p"].get<double>() == Approx(r["p"].get<double>()).epsilon(1e-10));
  CHECK(t["lower"].get<double>() == Approx(r["ci"][0].get<double>()).epsilon(1e-9));
}

TEST_CASE("quantiles and tails agree with fifty digits", "[study][golden]") {
  const auto file = test::shared("golden/statistics/expected/distributions.json", 1);
  if (!file) return;
  const Json golden = Json::parse(read_file(*file));
  CHECK(upper_quantile(7.0) == Approx(2.364624251592784).epsilon(1e-13));
  CHECK(upper_quantile(std::nullopt) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(!golden.empty());
}
