// Tails and quantiles (50 digits), multiplicity, non-inferiority and equivalence.
#include <cmath>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/statistics/estimate.h"
#include "study/statistics/multiplicity.h"
#include "study/statistics/tails.h"
#include "tests/study/statistics/golden_numbers.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// The value of one row's arguments, in the order of the file.
double tail_of(const std::string& name, const Json& a) {
  if (name == "normal_upper_tail") return normal_tail(a[0]);
  if (name == "t_upper_tail") return t_tail(a[0], a[1]);
  if (name == "F_upper_tail") return f_tail(a[0], a[1], a[2].get<double>());
  if (name == "chi2_upper_tail") return chi2_tail(a[0], a[1]);
  if (name == "noncentral_F_upper_tail") return noncentral_f_tail(a[0], a[1], a[2], a[3]);
  if (name == "noncentral_chi2_upper_tail") return noncentral_chi2_tail(a[0], a[1], a[2]);
  if (name == "t_quantile_upper_2p5") return t_quantile(0.025, a[0]);
  FAIL("unknown table " << name);
  return 0;
}

}  // namespace

TEST_CASE("tails and quantiles agree with fifty digits down to 1e-300", "[study][golden]") {
  const auto file = test::shared("golden/statistics/expected/distributions.json", 1);
  if (!file) return;
  Json wanted = Json::parse(read_file(*file));
  wanted.erase("how");
  Json got = wanted;
  for (auto& [name, rows] : got.items()) {
    for (auto& row : rows) row.back() = tail_of(name, row);
  }
  const auto result = test::compare_all(got, wanted, "", [](const std::string& path) {
    return path.starts_with("noncentral") ? test::Tolerance{1e-9, 0} : test::Tolerance{0, 1e-10};
  });
  test::print_compared("distributions.json", result);
  CHECK(result.n > 100);
}

TEST_CASE("multiplicity, non-inferiority and equivalence are the reference's", "[study][golden]") {
  const auto file = test::shared("golden/statistics/expected/multiplicity.json", 1);
  if (!file) return;
  const Json wanted = Json::parse(read_file(*file));
  const auto p = wanted["p"].get<std::vector<double>>();
  Json got{{"p", p}, {"holm_adjusted", holm(p)}, {"hochberg_adjusted", hochberg(p)}, {"bonferroni", bonferroni(p)}};
  got["fixed_sequence"] = {{"order", wanted["fixed_sequence"]["order"]}, {"rejected", fixed_sequence(p, 0.05)}};

  Json gate = wanted["serial_gatekeeping_example"];
  const Gatekeeping family = serial_gatekeeping(gate["primary"], gate["secondary"], gate["alpha"]);
  gate["rejected_primary"] = family.primary == std::vector<bool>{true};
  gate["holm_secondary"] = family.adjusted;
  gate["rejected_secondary"] = family.secondary;
  got["serial_gatekeeping_example"] = gate;

  Json ni = wanted["noninferiority_sensitivity"];
  const NonInferiority one =
      non_inferiority(ni["difference"], ni["se"], ni["df"].get<double>(), ni["margin"], ni["alpha_one_sided"]);
  ni["t"] = one.t;
  ni["p"] = one.p;
  ni["lower_97p5"] = one.lower;
  ni["noninferior"] = one.is_met;
  got["noninferiority_sensitivity"] = ni;

  Json tost = wanted["tost"];
  const Equivalence both =
      equivalence(tost["difference"], tost["se"], tost["df"].get<double>(), tost["margins"][1], tost["alpha"]);
  tost["t_lower"] = both.t_lower;
  tost["t_upper"] = both.t_upper;
  tost["p_lower"] = both.p_lower;
  tost["p_upper"] = both.p_upper;
  tost["p_tost"] = both.p;
  tost["ci90"] = {both.lower, both.upper};
  got["tost"] = tost;
  // The reference's t quantile is good to 1e-10.
  const auto result =
      test::compare_all(got, wanted, "", [](const std::string&) { return test::Tolerance{1e-12, 1e-10}; });
  test::print_compared("multiplicity.json", result);
  CHECK(result.n > 50);
}

TEST_CASE("a closed gate rejects nothing behind it", "[study]") {
  const Gatekeeping closed = serial_gatekeeping({0.06}, {0.0001, 0.0002}, 0.05);
  CHECK(closed.primary == std::vector<bool>{false});
  CHECK(closed.secondary == std::vector<bool>{false, false});
  const Gatekeeping open = serial_gatekeeping({0.04}, {0.0001, 0.03}, 0.05);
  CHECK(open.secondary == std::vector<bool>{true, true});
}

TEST_CASE("Hochberg never asks for more than Holm, nor Holm for more than Bonferroni", "[study]") {
  const std::vector<double> p{0.03, 0.04, 0.011, 0.5, 0.5, 0.0004};
  const auto step_up = hochberg(p), step_down = holm(p), plain = bonferroni(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(p[i] <= step_up[i]);
    CHECK(step_up[i] <= step_down[i] + 1e-15);
    CHECK(step_down[i] <= plain[i] + 1e-15);
  }
}

TEST_CASE("a margin test refuses what it cannot test", "[study]") {
  CHECK_THROWS_AS(non_inferiority(0, 0, 5.0, 0.05), Error);
  CHECK_THROWS_AS(non_inferiority(0, 0.01, 5.0, 0), Error);
  CHECK_THROWS_AS(equivalence(0, 0.01, 5.0, -0.05), Error);
  // Without df the reference is normal: lower = d - 1.959964 se.
  CHECK(non_inferiority(0.01, 0.02, std::nullopt, 0.05).lower == Approx(0.01 - 1.959963984540054 * 0.02));
}
