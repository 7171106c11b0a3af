// Claims as declared, subgroups, missing readings, order of reading, switches: what stands beside a result.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "study/statistics/declared.h"
#include "study/statistics/metric_block.h"
#include "study/statistics/missing_readings.h"
#include "study/statistics/mixed_data.h"
#include "study/statistics/sham.h"
#include "study/statistics/order_effects.h"
#include "study/statistics/study_results.h"
#include "study/statistics/subgroups.h"
#include "study/statistics/switch_rate.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

Json outcome(double estimate, double se, double p) {
  return {{"status", "ok"}, {"estimate", estimate}, {"se", se}, {"df", nullptr}, {"z", estimate / se}, {"p", p},
          {"lower", estimate - 1.96 * se}, {"upper", estimate + 1.96 * se}};
}

Json block(double estimate, double se, double p) { return {{"RRRC", outcome(estimate, se, p)}, {"FRRC", outcome(estimate, se / 2, p / 4)}}; }

AnalysisPlan plan() {
  AnalysisPlan result{.metric = "fpr"};
  result.primary = {.id = "primary", .metric = "fpr", .claim = Claim::kSuperiority, .margin = {}};
  result.secondary = {{.id = "area", .metric = "auc", .claim = Claim::kTwoSided, .margin = {}},
                      {.id = "sensitivity", .metric = "sensitivity", .claim = Claim::kNonInferiority, .margin = 0.05, .order = 1},
                      {.id = "specificity", .metric = "specificity", .claim = Claim::kEquivalence, .margin = 0.1, .order = 2}};
  return result;
}

const Json& named(const Json& declared, const std::string& id) {
  for (const Json& one : declared.at("secondary")) {
    if (one.at("id") == id) return one;
  }
  FAIL(id);
  return declared;
}

/// 3 readers x 12 normal and 4 diseased cases x 2 arms; `rest` adds cells to a line.
template <typename Positive, typename Rest>
CsvTable study_of(const std::string& columns, const Positive& positive, const Rest& rest) {
  std::string text = "reader,case,arm,truth,rating,positive" + columns + "\n";
  for (int j = 0; j < 3; ++j) {
    for (int k = 0; k < 16; ++k) {
      for (int arm = 0; arm < 2; ++arm) {
        const std::string call = positive(j, arm, k);
        text += fmt::format("R{},c{},{},{},{},{}{}\n", j + 1, k, arm == 0 ? "hidden" : "visible", k < 12 ? 0 : 1, call, call, rest(j, arm, k));
      }
    }
  }
  return parse_csv(text, "made.csv");
}

std::string some_call(int j, int arm, int k) { return (k * 5 + j * 3 + arm * 4) % 7 < 3 ? "1" : "0"; }

StudyReadings loaded(const CsvTable& table) { return load_readings(table, {.arms = {}, .positive_at = {}, .columns = {"view"}}).readings; }

}  // namespace

TEST_CASE("claims follow the declared order and stop where one is not met", "[study][declared]") {
  Json results{{"fpr", block(-0.06, 0.02, 0.003)}, {"sensitivity", block(0.01, 0.02, 0.6)}, {"specificity", block(0.06, 0.02, 0.003)},
               {"auc", block(0.01, 0.003, 0.001)}};
  Json declared = declared_json(results, plan());
  CHECK(declared["primary"]["met"] == true);
  // z = (0.01 + 0.05)/0.02 = 3: one-sided p 0.00135.
  CHECK(named(declared, "sensitivity")["p_one_sided"].get<double>() == Approx(0.0013498980316301035));
  CHECK(named(declared, "sensitivity")["p"].get<double>() == Approx(2 * 0.0013498980316301035));
  CHECK(named(declared, "sensitivity")["met"] == true);
  // z = (0.1 - 0.06)/0.02 = 2.
  CHECK(named(declared, "specificity")["p"].get<double>() == Approx(0.022750131948179195));
  CHECK(named(declared, "specificity")["met"] == true);
  CHECK(named(declared, "area")["met"] == true);
  CHECK(named(declared, "area")["family"] == "Holm");

  results["sensitivity"] = block(-0.03, 0.02, 0.13);  // z = 1: not shown
  declared = declared_json(results, plan());
  CHECK(named(declared, "sensitivity")["met"] == false);
  CHECK(named(declared, "sensitivity")["is_reached"] == true);
  CHECK(named(declared, "specificity")["is_reached"] == false);
  CHECK(named(declared, "specificity")["met"] == false);
  CHECK(named(declared, "area")["met"] == false);

  results["fpr"] = block(0.06, 0.02, 0.003);  // in the wrong direction
  declared = declared_json(results, plan());
  CHECK(declared["primary"]["met"] == false);
  CHECK(named(declared, "sensitivity")["is_reached"] == false);
}

TEST_CASE("a fixed-reader interval that is wider decides the claim", "[study][declared]") {
  Json results{{"fpr", block(-0.06, 0.02, 0.003)}, {"sensitivity", block(0.0, 0.02, 1.0)}, {"specificity", block(0, 0.02, 1.0)}, {"auc", block(0, 0.02, 1.0)}};
  results["sensitivity"]["FRRC"] = outcome(0.0, 0.04, 1.0);  // z = 0.05/0.04 = 1.25
  const Json declared = declared_json(results, plan());
  CHECK(named(declared, "sensitivity")["is_fixed_reader_wider"] == true);
  CHECK(named(declared, "sensitivity")["p_one_sided"].get<double>() == Approx(0.10564977366685535));
  CHECK(named(declared, "sensitivity")["met"] == false);
}

TEST_CASE("the more careful of two analyses is the one that the claim's margin finds", "[study][declared]") {
  Json results{{"fpr", block(-0.06, 0.02, 0.003)}, {"sensitivity", block(0.0, 0.02, 1.0)}, {"specificity", block(0.0, 0.03, 1.0)}, {"auc", block(0, 0.02, 1.0)}};
  for (const char* metric : {"fpr", "sensitivity", "specificity", "auc"}) {
    Json& own = results[metric];
    own["RRFC"] = own["RRRC"];
    own["small_sample"]["rrrc_rrfc_max"] = own["RRRC"];
  }
  // No difference: p = 1 by both, so RRRC is named. Margin 0.05: RRRC z = 2.5; RRFC t(2) = 0.05/0.018 = 2.78.
  Json& readers = results["sensitivity"]["RRFC"];
  readers = outcome(0.0, 0.018, 1.0);
  readers["df"] = 2.0;
  readers["t"] = 0.0;
  const double t = 0.05 / 0.018, one_sided = 0.5 - t / (2 * std::sqrt(2 + t * t));  // Student's t with 2 df in closed form
  AnalysisPlan some = plan();
  CHECK(named(declared_json(results, some), "sensitivity")["met"] == true);
  some.small_sample = SmallSampleMethod::kRrrcRrfcMax;
  const Json declared = declared_json(results, some);
  CHECK(named(declared, "sensitivity")["p_one_sided"].get<double>() == Approx(one_sided));
  CHECK(named(declared, "sensitivity")["worst_difference"].get<double>() < -0.05);
  CHECK(named(declared, "sensitivity")["met"] == false);
  // Equivalence within 0.1: z = 0.1/0.03 by RRRC, t(2) the same by RRFC.
  results["specificity"]["RRFC"]["df"] = 2.0;
  const double u = 0.1 / 0.03;
  CHECK(named(declared_json(results, some), "specificity")["p"].get<double>() == Approx(0.5 - u / (2 * std::sqrt(2 + u * u))));
}

TEST_CASE("a claim without what it needs says so and is not met", "[study][declared]") {
  AnalysisPlan some = plan();
  some.secondary[1].margin = {};
  some.secondary[0].is_same_contrast = false;
  const Json results{{"fpr", block(-0.06, 0.02, 0.003)}, {"sensitivity", block(0.01, 0.02, 0.6)}, {"specificity", {{"RRRC", {{"status", "not_estimable"}, {"code", "one_reader"}, {"reason", "one reader"}}}}}};
  const Json declared = declared_json(results, some);
  CHECK(named(declared, "sensitivity")["code"] == "no_margin");
  CHECK(named(declared, "specificity")["code"] == "one_reader");
  CHECK(named(declared, "area")["code"] == "other_contrast");
  for (const Json& one : declared["secondary"]) CHECK(one["met"] == false);
}

TEST_CASE("subgroups have intervals, an interaction, and a smallest size", "[study][subgroups]") {
  const auto view = [](int, int, int k) { return k % 3 == 0 ? std::string(",AP") : std::string(",PA"); };
  const StudyReadings s = loaded(study_of(",view", some_call, view));
  const Json json = subgroups_json(s, {{"view", "view", 4}}, "fpr", true);
  const Json& levels = json["view"]["levels"];
  CHECK(levels["AP"]["n_cases"] == 4);
  CHECK(levels["PA"]["n_cases"] == 8);
  const double ap = levels["AP"]["RRRC"]["estimate"], pa = levels["PA"]["RRRC"]["estimate"];
  CHECK(levels["AP"]["interaction"]["estimate"].get<double>() == Approx(ap - pa));
  CHECK(levels["PA"]["interaction"]["p"].get<double>() == Approx(levels["AP"]["interaction"]["p"].get<double>()));

  const Merits part = rate_merits(s, s.where("view", "AP", true).decisions(false), "normal"), rest = rate_merits(s, s.where("view", "PA", true).decisions(false), "normal");
  const auto own = std::get<Estimate>(interaction(part, rest));
  double expected = 0, mean = 0, spread = 0, d[3];
  for (int j = 0; j < 3; ++j) {
    d[j] = part.table()(1, j) - part.table()(0, j) - rest.table()(1, j) + rest.table()(0, j);
    mean += d[j] / 3;
  }
  for (const double one : d) spread += (one - mean) * (one - mean) / 2;
  expected = spread / 3;
  for (const Merits* one : {&part, &rest}) {
    const CovarianceComponents c = covariance_components(*one->covariance, 2, 3);
    expected += 2 * std::max(c.cov2 - c.cov3, 0.0);
  }
  CHECK(own.se == Approx(std::sqrt(expected)).epsilon(1e-12));
  CHECK(*own.df == Approx(expected * expected * 2 / (spread / 3 * spread / 3)).epsilon(1e-10));

  CHECK(subgroups_json(s, {{"view", "view", 5}}, "fpr", true)["view"]["levels"]["AP"]["code"] == "too_few_cases");
  CHECK(subgroups_json(s, {{"view", "view", 5}}, "fpr", true)["view"]["levels"]["PA"]["interaction"]["code"] == "too_few_cases");
  CHECK(subgroups_json(s, {{"sex", "sex", 5}}, "fpr", true)["sex"]["code"] == "no_column");
}

TEST_CASE("missing readings are bounded by what they could have said", "[study][missing]") {
  const auto holes = [](int j, int arm, int k) { return (j == 0 && k == 1) || (j == 2 && k == 5 && arm == 1) ? std::string() : some_call(j, arm, k); };
  const StudyReadings s = loaded(study_of("", holes, [](int, int, int) { return std::string(); }));
  const Json json = missing_json(s, 0.05);
  REQUIRE(json["n"] == 3);
  CHECK(json["by_arm"]["hidden"] == 1);
  const double best = json["fpr"]["bounds"]["best"]["estimate"], worst = json["fpr"]["bounds"]["worst"]["estimate"];
  // All 36 readings of each arm: from worst to best the three missing calls change sides.
  CHECK(worst - best == Approx(3.0 / 36));
  CHECK(json["fpr"]["tipping_point"].contains("tips"));
  CHECK(json["sensitivity"]["n"] == 0);
  CHECK(missing_json(loaded(study_of("", some_call, [](int, int, int) { return std::string(); })), 0.05) == Json{{"n", 0}});
}

TEST_CASE("readings without a row are missing where a study is paired", "[study][missing]") {
  CsvTable table = study_of("", some_call, [](int, int, int) { return std::string(); });
  const CsvTable whole = table;
  // Three readings of reader 1, seen in the other arm, and one case that reader 2 never read at all.
  std::erase_if(table.rows, [](const CsvRow& row) {
    const std::string key = row.cells[0] + row.cells[1] + row.cells[2];
    return key == "R1c1visible" || key == "R1c2hidden" || key == "R1c13visible" || row.cells[0] + row.cells[1] == "R2c4";
  });
  const Json json = missing_json(loaded(table), 0.05);
  REQUIRE(json["n"] == 3);
  CHECK(json["absent_rows"] == 3);
  CHECK(json["empty_ratings"] == 0);
  CHECK(json["by_arm"]["visible"] == 2);
  CHECK(json["fpr"]["n"] == 2);
  CHECK(json["fpr"]["bounds"]["worst"]["estimate"].get<double>() > json["fpr"]["bounds"]["best"]["estimate"].get<double>());
  // As if their rows stood there with an empty rating.
  CsvTable emptied = whole;
  std::erase_if(emptied.rows, [](const CsvRow& row) { return row.cells[0] + row.cells[1] == "R2c4"; });
  for (CsvRow& row : emptied.rows) {
    const std::string key = row.cells[0] + row.cells[1] + row.cells[2];
    if (key == "R1c1visible" || key == "R1c2hidden" || key == "R1c13visible") row.cells[4] = row.cells[5] = "";
  }
  const Json same = missing_json(loaded(emptied), 0.05);
  CHECK(same["empty_ratings"] == 3);
  CHECK(same["fpr"] == json["fpr"]);
  CHECK(same["sensitivity"] == json["sensitivity"]);
  // Each reader in one arm: a design, no loss.
  CsvTable nested = whole;
  std::erase_if(nested.rows, [](const CsvRow& row) { return (row.cells[0] == "R1") != (row.cells[2] == "visible"); });
  CHECK(missing_json(loaded(nested), 0.05) == Json{{"n", 0}});
}

TEST_CASE("at a tipping point every missing call is 0 or 1", "[study][missing]") {
  const auto file = test::shared("golden/statistics/data/missing_r5.csv", 1);
  if (!file) return;
  const StudyReadings s = load_readings(read_csv(*file), {}).readings;
  const Json json = missing_json(s, 0.05);
  CHECK(json["absent_rows"].get<int>() > 40);
  for (const char* metric : {"fpr", "sensitivity"}) {
    const Json& tip = json[metric]["tipping_point"];
    CHECK(tip["of"] == json[metric]["n"]);
    if (!tip["tips"].get<bool>()) continue;
    // A share of whole calls.
    double n_second = 0, n_first = 0;
    for (const MissingReading& one : absent_partners(s)) {
      if (one.is_diseased == (std::string(metric) == "sensitivity")) (one.arm == 1 ? n_second : n_first) += 1;
    }
    for (const auto& [key, n] : {std::pair{"second_arm_rate", n_second}, {"first_arm_rate", n_first}}) {
      if (n == 0) continue;
      const double calls = tip[key].get<double>() * n;
      CHECK(calls == Approx(std::round(calls)));
    }
    const double observed_side = json[metric]["bounds"]["best"]["p"].get<double>();
    CHECK((observed_side < 0.05) != (tip["there"]["p"].get<double>() < 0.05));
  }
}

TEST_CASE("a tipping point is where p crosses alpha", "[study][missing]") {
  // Hidden: three in four normal cases are called, visible: hardly one; but one reader's visible readings are missing.
  const auto call = [](int j, int arm, int k) {
    if (k >= 12) return std::string("1");
    if (arm == 0) return std::string(k % 4 == 0 || (j == 1 && k == 1) ? "0" : "1");
    if (j == 2 && k > 0) return std::string();
    return std::string(j == 0 && k == 3 ? "1" : "0");
  };
  const StudyReadings s = loaded(study_of("", call, [](int, int, int) { return std::string(); }));
  const Json json = missing_json(s, 0.05);
  const Json& tip = json["fpr"]["tipping_point"];
  REQUIRE(tip["tips"] == true);
  CHECK(tip["there"]["p"].get<double>() >= 0.05);
  CHECK(tip["n_turned"].get<int>() >= 1);
  CHECK(tip["second_arm_rate"].get<double>() == Approx(tip["n_turned"].get<double>() / 11));
  CHECK(tip["first_arm_rate"].is_null());
  CHECK(json["fpr"]["bounds"]["best"]["p"].get<double>() < 0.05);
  CHECK(json["fpr"]["bounds"]["worst"]["p"].get<double>() >= 0.05);
}

TEST_CASE("periods, the reading before and days since the last are told apart", "[study][order]") {
  // Each reader reads each case in both periods; the arm of period 1 alternates by case. Positive exactly where the
  // reading before was in the second arm, but for one reading: carry-over is nearly all there is.
  const auto period = [](int arm, int k) { return (k / 2 + arm) % 2 + 1; };
  const auto arm_in = [&](int in_period, int k) { return (k / 2 + in_period - 1) % 2; };
  const auto call = [&](int j, int arm, int k) {
    const bool is_after = k > 0 && arm_in(period(arm, k), k - 1) == 1, is_odd = j == 0 && k == 4 && arm == 0;
    return is_after != is_odd ? "1" : "0";
  };
  const auto rest = [&](int, int arm, int k) {
    return fmt::format(",{},{},{}", period(arm, k), k + 1, period(arm, k) == 2 ? std::to_string(28 + k) : std::string());
  };
  const StudyReadings s = loaded(study_of(",period,position,days_since_last", call, rest));
  CHECK(s.records.front().position == 1);
  CHECK_FALSE(s.records.front().previous_arm);
  const Json json = order_effects_json(s);
  REQUIRE(json.at("fpr").at("carry_over").at("status") == "ok");
  CHECK(json["fpr"]["carry_over"]["estimate"].get<double>() > 0.9);
  CHECK(json["fpr"]["carry_over"]["estimate"].get<double>() < 1.0);
  CHECK(json["fpr"]["period"].contains("RRRC"));
  CHECK(json["days_since_last"]["min"] == 28);
  CHECK(json["days_since_last"]["max"] == 43);
  CHECK(json["fpr"]["days_since_last"].contains("status"));
  const Json without = order_effects_json(loaded(study_of("", some_call, [](int, int, int) { return std::string(); })));
  CHECK(without["fpr"]["carry_over"]["code"] == "no_column");
  CHECK(without["fpr"]["period"]["code"] == "no_column");
}

TEST_CASE("two arms of three periods keep their periods and the item before", "[study][order]") {
  // Arm 2 is a sham; in each period a reader goes through cases 0 to 17. One reading is not finished.
  const auto arm_in = [](int j, int period, int k) { return (k / 3 + period + j + k * k) % 3; };
  const std::vector<std::string> arms{"hidden", "visible", "sham"};
  std::string text = "reader,case,arm,truth,rating,positive,period,position\n";
  for (int j = 0; j < 3; ++j) {
    for (int period = 1; period <= 3; ++period) {
      for (int k = 0; k < 18; ++k) {
        const int arm = arm_in(j, period, k);
        const std::string call = j == 1 && k == 7 && arm == 0 ? "" : std::to_string((k * 5 + j * 3 + arm * 4 + period * (k % 2)) % 7 < 3 ? 1 : 0);
        text += fmt::format("R{},c{},{},0,{},{},{},{}\n", j + 1, k, arms[static_cast<std::size_t>(arm)], call, call, period, k + 1);
      }
    }
  }
  const LoadedReadings all = load_readings(parse_csv(text, "made.csv"), {.arms = {"hidden", "visible"}, .positive_at = {}});
  REQUIRE_FALSE(all.error);
  const StudyReadings& s = all.readings;
  REQUIRE(s.records.size() == 3 * 18 * 2 - 1);
  int n_before = 0;
  for (const ReadingRecord& one : s.records) {
    const int k = *one.position - 1, before = k == 0 ? 2 : arm_in(one.reader, *one.period, k - 1);
    CHECK(one.previous_arm == (before == 2 ? std::nullopt : std::optional(before)));
    n_before += before == 2 ? 0 : 1;
  }
  const Json json = study_results(all, {.replicates = 0});
  CHECK(json["order_effects"]["fpr"]["carry_over"]["n_readings"] == n_before);
  for (const char* term : {"period2", "period3"}) {
    CHECK(json["order_effects"]["fpr"]["period"][term]["status"] == "ok");
    CHECK(json["gee_fp_case_independence"]["coefficients"].contains(term));
  }
  CHECK(json["randomisation_fpr"]["code"] == "not_randomised");  // of each two periods one order only; the missing reading forbids nothing
  const auto data = std::get<MixedData>(mixed_data(s, OutcomeValue::kPositive, CaseSet::kNormal));
  CHECK(data.names == std::vector<std::string>{"(Intercept)", "armvisible", "period2", "period3"});
  for (Eigen::Index i = 0; i < data.y.size(); ++i) {
    const int period = *s.records[static_cast<std::size_t>(i)].period;
    CHECK(data.x(i, 2) == (period == 2 ? 1 : 0));
    CHECK(data.x(i, 3) == (period == 3 ? 1 : 0));
  }
}

TEST_CASE("switches toward a wrong AI have the reference's rate and an interval", "[study][switch]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  const StudyReadings s = load_readings(read_csv(*file), {}).readings;
  const auto bias = std::get<SwitchRate>(switch_rate(s, SwitchKind::kAutomationBias));
  CHECK(bias.n == 17);  // statistics.md, section 14
  CHECK(bias.of == 97);
  const auto good = std::get<SwitchRate>(switch_rate(s, SwitchKind::kBeneficial));
  CHECK(good.n == 108);
  CHECK(good.of == 177);
  for (const SwitchRate& one : {bias, good}) {
    CHECK(one.se >= std::sqrt(one.rate * (1 - one.rate) / one.of) * 0.7);
    CHECK(one.lower < one.rate);
    CHECK(one.upper > one.rate);
    CHECK(one.upper - one.lower >= 3 * one.se);
  }
  const auto commission = std::get<SwitchRate>(switch_rate(s, SwitchKind::kAutomationBias, false));
  const auto omission = std::get<SwitchRate>(switch_rate(s, SwitchKind::kAutomationBias, true));
  CHECK(commission.n + omission.n == bias.n);
  // One reader: Wilson's interval of a proportion.
  const auto alone = std::get<SwitchRate>(switch_rate(s, SwitchKind::kBeneficial, {}, 0));
  CHECK_FALSE(alone.has_readers);
  const double n = alone.of, p = alone.rate, z2 = 3.8414588206941254;
  CHECK(alone.upper == Approx((p + z2 / (2 * n) + std::sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))) / (1 + z2 / n)));
}

TEST_CASE("commission and omission are counted by reader and truth", "[study][switch]") {
  // Normal cases n0 n1 n2 n3, diseased d0 d1 d2. The AI is wrong on n0, n1, n2 (it calls them) and on d0, d1.
  const std::string cases[]{"n0", "n1", "n2", "n3", "d0", "d1", "d2"}, ai = "1110001";
  struct Calls {
    std::string reader, hidden, visible;
  };
  std::string text = "reader,case,arm,truth,rating,positive,ai_positive\n";
  // R1: n0 and d0 follow the AI, n1 does not, n2 and d1 were wrong before; n3 and d2 are lost against the AI.
  // R2: n0 and n1 follow it, n2 does not; d0 and d1 were missed before: no opportunity for an omission.
  for (const Calls& one : {Calls{"R1", "0010101", "1011000"}, {"R2", "0000001", "1100001"}}) {
    for (std::size_t k = 0; k < 7; ++k) {
      for (const auto& [arm, calls] : {std::pair{"hidden", one.hidden}, {"visible", one.visible}}) {
        text += fmt::format("{},{},{},{},{},{},{}\n", one.reader, cases[k], arm, k < 4 ? 0 : 1, calls[k], calls[k], ai[k]);
      }
    }
  }
  const Json bias = study_results(load_readings(parse_csv(text, "made.csv"), {}), {.replicates = 0}).at("automation_bias");
  const auto counts = [](const Json& rate) { return std::pair(rate.at("n").get<int>(), rate.at("of").get<int>()); };
  CHECK(counts(bias["readers"]["R1"]["commission"]) == std::pair(1, 2));
  CHECK(counts(bias["readers"]["R1"]["omission"]) == std::pair(1, 1));
  CHECK(counts(bias["readers"]["R2"]["commission"]) == std::pair(2, 3));
  CHECK(bias["readers"]["R2"]["omission"]["code"] == "no_cases");
  CHECK(counts(bias["commission"]) == std::pair(3, 5));
  CHECK(counts(bias["omission"]) == std::pair(1, 1));
  CHECK(bias["readers"]["R2"]["commission"]["rate"].get<double>() == Approx(2.0 / 3));
  CHECK(bias["readers"]["R2"]["commission"]["holds_for"] == "this reader, cases like these");
}

TEST_CASE("a sham arm is compared with the true explanation and with none", "[study][switch]") {
  CsvTable table = study_of("", some_call, [](int, int, int) { return std::string(); });
  const std::size_t arm = table.need("arm");
  const auto n = table.rows.size();
  for (std::size_t k = 0; k < n; ++k) {
    if (table.rows[k].cells[arm] != "visible") continue;
    table.rows.push_back(table.rows[k]);
    table.rows.back().cells[arm] = "sham";
  }
  const Json json = sham_json(table, {.arms = {"hidden", "visible"}, .positive_at = {}}, {"sham", "other"});
  REQUIRE(json.size() == 1);
  // The sham readings are the true ones: no difference between them, and the same against the control.
  CHECK(json["sham"]["visible - sham"]["fpr"]["RRRC"]["code"] == "zero_variance_zero_difference");
  const Json plain = study_results(load_readings(study_of("", some_call, [](int, int, int) { return std::string(); }), {}), {.replicates = 0});
  CHECK(json["sham"]["sham - hidden"]["fpr"]["RRRC"] == plain["fpr"]["RRRC"]);
}

TEST_CASE("the warning of automation bias names its reasons", "[study][switch]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  const Json results = study_results(load_readings(read_csv(*file), {}), {.replicates = 0});
  const Json& bias = results["automation_bias"];
  CHECK(bias["flag"] == !bias["reasons"].empty());
  const double wrong_fpr = results["ai_split"]["ai_wrong"]["fpr"]["FRRC"]["estimate"];
  bool is_named = false;
  for (const Json& one : bias["reasons"]) is_named = is_named || one["code"] == "ai_wrong_more_false_positives";
  CHECK(is_named == (wrong_fpr > 0));
  CHECK(bias["heatmap_use"]["code"] == "no_column");
}

TEST_CASE("fewer false positives with fewer findings are warned of without a column of the AI", "[study][switch]") {
  // The second arm calls two of five positives negative, of both truths.
  const auto call = [](int j, int arm, int k) { return (k * 3 + j) % 5 < (arm == 0 ? 4 : 2) ? "1" : "0"; };
  const auto nothing = [](int, int, int) { return std::string(); };
  const Json results = study_results(load_readings(study_of("", call, nothing), {}), {.replicates = 0});
  REQUIRE(results["fpr"]["FRRC"]["estimate"].get<double>() < 0);
  REQUIRE(results["sensitivity"]["FRRC"]["estimate"].get<double>() < 0);
  const Json& bias = results.at("automation_bias");
  CHECK(bias["flag"] == true);
  CHECK(bias["reasons"][0]["code"] == "fewer_calls");
  CHECK(bias["commission"]["code"] == "no_ai");
  CHECK_FALSE(results.contains("switch"));
  // Readers nested in arms, with the AI's calls: nothing is paired, the warning stands.
  CsvTable nested = study_of(",ai_positive", call, [](int, int, int k) { return k % 2 == 0 ? ",1" : ",0"; });
  std::erase_if(nested.rows, [](const CsvRow& row) { return (row.cells[0] == "R1") != (row.cells[2] == "visible"); });
  const Json apart = study_results(load_readings(nested, {}), {.replicates = 0});
  CHECK(apart.at("automation_bias").at("flag") == (apart["fpr"]["FRRC"]["estimate"].get<double>() < 0 && apart["sensitivity"]["FRRC"]["estimate"].get<double>() < 0));
  CHECK(apart["automation_bias"]["flag"] == true);
}
