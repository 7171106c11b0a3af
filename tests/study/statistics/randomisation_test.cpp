// The randomisation test permutes what was drawn: readers, or cases within strata and periods; and says when nothing was.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/samples/stream.h"
#include "study/statistics/randomisation.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// A reader's two readings of a normal case.
struct Both {
  int reader = 0, k = 0;
  std::string stratum;
  int period_hidden = 1, period_visible = 2;
  int hidden = 0, visible = 0;

  bool is_hidden_first() const { return period_hidden < period_visible; }
  int v() const { return is_hidden_first() ? hidden - visible : visible - hidden; }
};

StudyReadings loaded(const std::vector<Both>& pairs) {
  std::string text = "reader,case,arm,truth,rating,positive,period,stratum\n";
  for (const Both& one : pairs) {
    for (const bool is_hidden : {true, false}) {
      const int call = is_hidden ? one.hidden : one.visible;
      text += fmt::format("R{},c{},{},0,{},{},{},{}\n", one.reader, one.k, is_hidden ? "hidden" : "visible", call, call,
                          is_hidden ? one.period_hidden : one.period_visible, one.stratum);
    }
  }
  const LoadedReadings readings = load_readings(parse_csv(text, "made.csv"), {.arms = {}, .positive_at = {}, .columns = {"stratum"}});
  REQUIRE_FALSE(readings.error);
  return readings.readings;
}

/// P(|D| >= |observed|) and the smallest p over all ways to say which units had hidden first, as many in each group as had.
struct Counted {
  double p = 0, smallest_p = 0;
};
struct DrawnTogether {
  std::vector<int> v;
  int n_hidden_first = 0;
};
Counted counted(const std::vector<DrawnTogether>& groups, int observed) {
  std::vector<int> totals{0};
  for (const DrawnTogether& group : groups) {
    std::vector<int> next;
    for (int pattern = 0; pattern < 1 << group.v.size(); ++pattern) {
      int n = 0, d = 0;
      for (std::size_t i = 0; i < group.v.size(); ++i) {
        const bool is_first = (pattern >> i & 1) != 0;
        n += is_first ? 1 : 0;
        d += is_first ? -group.v[i] : group.v[i];
      }
      if (n != group.n_hidden_first) continue;
      for (const int total : totals) next.push_back(total + d);
    }
    totals = std::move(next);
  }
  const auto share = [&](int least) {
    const auto n = std::ranges::count_if(totals, [&](int d) { return std::abs(d) >= least; });
    return static_cast<double>(n) / static_cast<double>(totals.size());
  };
  const int furthest = std::abs(*std::ranges::max_element(totals, {}, [](int d) { return std::abs(d); }));
  return {share(std::abs(observed)), share(furthest)};
}

int difference(const std::vector<Both>& pairs) {
  int sum = 0;
  for (const Both& one : pairs) sum += one.visible - one.hidden;
  return sum;
}

RandomisationTest tested(const StudyReadings& s, const std::optional<OrderDraw>& draw = {}) {
  const auto outcome = randomisation_test(s, false, draw);
  REQUIRE(std::holds_alternative<RandomisationTest>(outcome));
  return std::get<RandomisationTest>(outcome);
}

std::string code_of(const StudyReadings& s, const std::optional<OrderDraw>& draw = {}) {
  const auto outcome = randomisation_test(s, false, draw);
  REQUIRE(std::holds_alternative<NotEstimable>(outcome));
  return std::get<NotEstimable>(outcome).code;
}

}  // namespace

TEST_CASE("readers who had one order each are what the randomisation test permutes", "[study][randomisation]") {
  samples::Stream stream(GENERATE(1, 2, 3), 0, 9);
  std::vector<Both> pairs;
  DrawnTogether readers{{0, 0, 0, 0, 0}, 2};
  for (int j = 0; j < 5; ++j) {
    const bool is_hidden_first = j == 1 || j == 4;
    for (int k = 0; k < 12; ++k) {
      pairs.push_back({j, k, "", is_hidden_first ? 1 : 2, is_hidden_first ? 2 : 1, stream.bernoulli(0.6) ? 1 : 0, stream.bernoulli(0.3) ? 1 : 0});
      readers.v[static_cast<std::size_t>(j)] += pairs.back().v();
    }
  }
  const Counted all = counted({readers}, difference(pairs));
  const StudyReadings s = loaded(pairs);
  for (const auto& draw : {std::optional<OrderDraw>(), std::optional(OrderDraw{.is_by_reader = true})}) {
    const RandomisationTest test = tested(s, draw);
    CHECK(test.unit == DrawnUnit::kReader);
    CHECK(test.statistic == difference(pairs));
    CHECK(test.p_two_sided == Approx(all.p).epsilon(1e-12));
    CHECK(test.smallest_p == Approx(all.smallest_p).epsilon(1e-12));
    CHECK(test.smallest_p >= 1.0 / 10);  // 10 ways to choose 2 readers of 5
    CHECK(test.sum_of_probabilities == Approx(1).epsilon(1e-12));
  }
  CHECK(code_of(s, OrderDraw{}) == "not_randomised");  // drawn by case, says the protocol: no reader had both orders
}

TEST_CASE("readers of other cases are not permuted with these", "[study][randomisation]") {
  // Readers 0 to 2 read cases 0 to 5, readers 3 to 6 read cases 6 to 11.
  samples::Stream stream(4, 0, 9);
  std::vector<Both> pairs;
  std::vector<DrawnTogether> blocks{{{0, 0, 0}, 1}, {{0, 0, 0, 0}, 2}};
  for (int j = 0; j < 7; ++j) {
    const bool is_hidden_first = j == 0 || j == 4 || j == 6;
    for (int k = 0; k < 6; ++k) {
      pairs.push_back({j, j < 3 ? k : 6 + k, "", is_hidden_first ? 1 : 2, is_hidden_first ? 2 : 1, stream.bernoulli(0.6) ? 1 : 0, stream.bernoulli(0.3) ? 1 : 0});
      blocks[j < 3 ? 0 : 1].v[static_cast<std::size_t>(j < 3 ? j : j - 3)] += pairs.back().v();
    }
  }
  CHECK(tested(loaded(pairs)).p_two_sided == Approx(counted(blocks, difference(pairs)).p).epsilon(1e-12));
}

TEST_CASE("a study whose periods are its arms was not randomised", "[study][randomisation]") {
  std::vector<Both> pairs;
  for (int j = 0; j < 3; ++j) {
    for (int k = 0; k < 8; ++k) pairs.push_back({j, k, "", 1, 2, (k + j) % 2, (k * j) % 2});
  }
  const StudyReadings s = loaded(pairs);
  CHECK(code_of(s) == "not_randomised");
  CHECK(code_of(s, OrderDraw{}) == "not_randomised");
  CHECK(code_of(s, OrderDraw{.is_by_reader = true}) == "not_randomised");
  pairs[3].period_hidden = 2;
  pairs[3].period_visible = 1;
  CHECK(tested(loaded(pairs)).unit == DrawnUnit::kCase);
  CHECK(code_of(loaded(pairs), OrderDraw{.is_by_reader = true}) == "not_crossed");
}

TEST_CASE("orders that were drawn within strata are drawn anew within them", "[study][randomisation]") {
  samples::Stream stream(GENERATE(1, 2, 3), 0, 9);
  std::vector<Both> pairs;
  std::vector<DrawnTogether> groups;
  for (int j = 0; j < 2; ++j) {
    for (int stratum = 0; stratum < 2; ++stratum) {
      groups.push_back({});
      for (int k = 0; k < 5; ++k) {
        const bool is_hidden_first = stratum == 0 ? k < 1 + j : k > 1;
        pairs.push_back({j, 5 * stratum + k, stratum == 0 ? "AP" : "PA", is_hidden_first ? 1 : 2, is_hidden_first ? 2 : 1,
                         stream.bernoulli(0.7) ? 1 : 0, stream.bernoulli(stratum == 0 ? 0.2 : 0.6) ? 1 : 0});
        groups.back().v.push_back(pairs.back().v());
        groups.back().n_hidden_first += is_hidden_first ? 1 : 0;
      }
    }
  }
  const StudyReadings s = loaded(pairs);
  const RandomisationTest within = tested(s, OrderDraw{.is_stratified = true});
  CHECK(within.is_stratified);
  CHECK(within.is_declared);
  CHECK(within.p_two_sided == Approx(counted(groups, difference(pairs)).p).epsilon(1e-12));
  CHECK_FALSE(tested(s).is_stratified);
  CHECK(tested(s).variance != Approx(within.variance).epsilon(1e-6));
  StudyReadings without = s;
  without.columns.clear();
  CHECK(code_of(without, OrderDraw{.is_stratified = true}) == "no_stratum");
}

TEST_CASE("two arms of three periods are exchanged within the periods that they had", "[study][randomisation]") {
  samples::Stream stream(GENERATE(1, 2), 0, 9);
  std::vector<Both> pairs;
  std::vector<DrawnTogether> groups(3);
  const int periods[6][2] = {{1, 2}, {2, 1}, {1, 3}, {3, 1}, {2, 3}, {3, 2}};
  for (int k = 0; k < 15; ++k) {
    const auto& own = periods[k % 6];
    pairs.push_back({0, k, "", own[0], own[1], stream.bernoulli(0.7) ? 1 : 0, stream.bernoulli(0.3) ? 1 : 0});
    DrawnTogether& group = groups[static_cast<std::size_t>(k % 6 / 2)];
    group.v.push_back(pairs.back().v());
    group.n_hidden_first += own[0] < own[1] ? 1 : 0;
  }
  CHECK(tested(loaded(pairs)).p_two_sided == Approx(counted(groups, difference(pairs)).p).epsilon(1e-12));
}

TEST_CASE("the randomisation test says what it permutes and who said so", "[study][randomisation]") {
  std::vector<Both> pairs;
  for (int j = 0; j < 2; ++j) {
    for (int k = 0; k < 8; ++k) pairs.push_back({j, k, k < 4 ? "AP" : "PA", 1 + (k + j) % 2, 2 - (k + j) % 2, (k * 3 + j) % 2, k % 3 == 0 ? 1 : 0});
  }
  LoadedReadings readings;
  readings.readings = loaded(pairs);
  const Json plain = study_results(readings, {.replicates = 0})["randomisation_fpr"];
  CHECK(plain["unit"] == "case");
  CHECK(plain["strata"] == Json::array({"reader", "truth"}));
  CHECK(plain["is_declared"] == false);
  CHECK(plain["note"].get<std::string>().find("does not say") != std::string::npos);
  AnalysisPlan plan{.replicates = 0};
  plan.draw = OrderDraw{.is_stratified = true};
  const Json declared = study_results(readings, plan)["randomisation_fpr"];
  CHECK(declared["strata"] == Json::array({"reader", "truth", "stratum"}));
  CHECK(declared["is_declared"] == true);
  CHECK(declared["note"].get<std::string>().find("Latin squares") != std::string::npos);
}

TEST_CASE("a pair without both readings is left out of the randomisation test", "[study][randomisation]") {
  samples::Stream stream(GENERATE(1, 2), 0, 9);
  std::vector<Both> pairs;
  for (int j = 0; j < 3; ++j) {
    for (int k = 0; k < 10; ++k) {
      pairs.push_back({j, k, "", 1 + (k + j) % 2, 2 - (k + j) % 2, stream.bernoulli(0.6) ? 1 : 0, stream.bernoulli(0.3) ? 1 : 0});
    }
  }
  StudyReadings holes = loaded(pairs);
  std::erase_if(holes.records, [](const ReadingRecord& one) { return one.reader == 1 && one.case_index == 4 && one.arm == 1; });
  std::ranges::find_if(holes.records, [](const ReadingRecord& one) { return one.reader == 2 && one.case_index == 7; })->is_positive.reset();
  std::ranges::find_if(holes.records, [](const ReadingRecord& one) { return one.reader == 0 && one.case_index == 0; })->period.reset();
  std::erase_if(pairs, [](const Both& one) {
    return (one.reader == 1 && one.k == 4) || (one.reader == 2 && one.k == 7) || (one.reader == 0 && one.k == 0);
  });
  const RandomisationTest test = tested(holes), whole = tested(loaded(pairs));
  CHECK(test.n_left_out == 3);
  CHECK(whole.n_left_out == 0);
  CHECK(test.statistic == whole.statistic);
  CHECK(test.p_two_sided == whole.p_two_sided);
  CHECK(test.smallest_p == whole.smallest_p);
  LoadedReadings readings;
  readings.readings = holes;
  const Json json = study_results(readings, {.replicates = 0})["randomisation_fpr"];
  CHECK(json["n_left_out"] == 3);
  CHECK(json["note"].get<std::string>().find("3 pairs of reader and case") != std::string::npos);
  // With most of the second readings gone it is no crossover any more.
  std::erase_if(holes.records, [](const ReadingRecord& one) { return one.arm == 1 && one.case_index > 2; });
  CHECK(code_of(holes) == "not_crossed");
}

namespace {

/// Readers j with calls of 12 normal cases each: counts[j] positive; the first `n_first` readers had the first arm.
LoadedReadings parallel(const std::vector<int>& counts, std::size_t n_first) {
  std::string text = "reader,case,arm,truth,rating,positive\n";
  for (std::size_t j = 0; j < counts.size(); ++j) {
    for (int k = 0; k < 12; ++k) {
      const int call = (k * 5 + static_cast<int>(j)) % 12 < counts[j] ? 1 : 0;
      text += fmt::format("R{},c{},{},0,{},{}\n", j, k, j < n_first ? "hidden" : "visible", call, call);
    }
  }
  return load_readings(parse_csv(text, "made.csv"), {});
}

Json permuted(const LoadedReadings& readings) {
  AnalysisPlan plan{.replicates = 0};
  plan.draw = OrderDraw{.is_by_reader = true, .is_parallel = true};
  return study_results(readings, plan)["randomisation_fpr"];
}

}  // namespace

TEST_CASE("readers who were drawn into arms are drawn anew", "[study][randomisation][nested]") {
  const std::vector<int> counts{7, 5, 9, 6, 3, 4, 2};
  const LoadedReadings readings = parallel(counts, 3);
  const Json json = permuted(readings);
  // All 35 ways to have 4 of the 7 readers in the second arm.
  const int observed = 3 + 4 + 2 + 6, all = 36;
  int n = 0, as_far = 0, below = 0;
  double furthest = 0;
  std::vector<double> sizes;
  for (int pattern = 0; pattern < 128; ++pattern) {
    int readers = 0, sum = 0;
    for (int j = 0; j < 7; ++j) {
      readers += pattern >> j & 1;
      sum += (pattern >> j & 1) * counts[static_cast<std::size_t>(j)];
    }
    if (readers != 4) continue;
    const double off = sum - all * 4 / 7.0, seen = observed - all * 4 / 7.0;
    ++n;
    as_far += std::abs(off) >= std::abs(seen) - 1e-9 ? 1 : 0;
    below += off <= seen + 1e-9 ? 1 : 0;
    furthest = std::max(furthest, std::abs(off));
    sizes.push_back(std::abs(off));
  }
  REQUIRE(n == 35);
  CHECK(json["status"] == "ok");
  CHECK(json["unit"] == "reader");
  CHECK(json["n_draws"] == 35);
  CHECK(json["exact"] == true);
  CHECK(json["p_two_sided"].get<double>() == Approx(as_far / 35.0));
  CHECK(json["p_one_sided_decrease"].get<double>() == Approx(below / 35.0));
  CHECK(json["smallest_p"].get<double>() ==
        Approx(static_cast<double>(std::ranges::count_if(sizes, [&](double one) { return one >= furthest - 1e-9; })) / 35.0));
  CHECK(json["estimate"].get<double>() == Approx((15 / 4.0 - 21 / 3.0) / 12));
  CHECK(json["readers"]["R2"] == Json({{"arm", "hidden"}, {"positive", 9}, {"n", 12}}));
  // Two readers an arm give no p below 1/3.
  CHECK(permuted(parallel({9, 8, 2, 1}, 2))["smallest_p"].get<double>() == Approx(1 / 3.0));
  // Nobody says that they were drawn: no test, and the reason names the design.
  const Json plain = study_results(readings, {.replicates = 0})["randomisation_fpr"];
  CHECK(plain["code"] == "readers_nested_in_arms");
  CHECK(plain["reason"].get<std::string>().find("drawn into arms") != std::string::npos);
}

TEST_CASE("many readers of parallel groups are drawn by a seeded sample that agrees with all draws", "[study][randomisation][nested]") {
  samples::Stream stream(3, 0, 9);
  std::vector<int> counts;
  for (int j = 0; j < 26; ++j) counts.push_back(static_cast<int>(12 * stream.uniform() * (j < 13 ? 1.0 : 0.7)));
  const Json json = permuted(parallel(counts, 13));
  CHECK(json["exact"] == false);
  // ways[n][sum]: how many choices of n readers have that sum.
  std::vector<std::vector<double>> ways(14, std::vector<double>(26 * 12 + 1, 0));
  ways[0][0] = 1;
  int observed = 0, all = 0;
  for (int j = 0; j < 26; ++j) {
    const auto own = static_cast<std::size_t>(counts[static_cast<std::size_t>(j)]);
    for (std::size_t n = 13; n > 0; --n) {
      for (std::size_t sum = ways[n].size() - 1; sum + 1 > own; --sum) ways[n][sum] += ways[n - 1][sum - own];
    }
    all += counts[static_cast<std::size_t>(j)];
    observed += j < 13 ? 0 : counts[static_cast<std::size_t>(j)];
  }
  double total = 0, as_far = 0;
  for (std::size_t sum = 0; sum < ways[13].size(); ++sum) {
    total += ways[13][sum];
    if (std::abs(2 * static_cast<int>(sum) - all) >= std::abs(2 * observed - all)) as_far += ways[13][sum];
  }
  CHECK(json["n_draws"].get<double>() == Approx(total).epsilon(1e-12));
  const double p = as_far / total;
  CHECK(json["p_two_sided"].get<double>() == Approx(p).margin(4 * std::sqrt(p / 99999)));
  CHECK(permuted(parallel(counts, 13)) == json);
}

TEST_CASE("forty thousand cases of a reader are drawn in little memory, and give what the normal curve gives",
          "[statistics][randomisation]") {
  samples::Stream stream(11, 0, 0);
  std::vector<Both> pairs;
  for (int k = 0; k < 40000; ++k) {
    const bool hidden_first = k % 2 == 0;
    pairs.push_back({.k = k,
                     .stratum = "",
                     .period_hidden = hidden_first ? 1 : 2,
                     .period_visible = hidden_first ? 2 : 1,
                     .hidden = stream.uniform() < 0.5 ? 1 : 0,
                     .visible = stream.uniform() < 0.49 ? 1 : 0});
  }
  const auto result = randomisation_test(loaded(pairs), false, {});
  REQUIRE(std::holds_alternative<RandomisationTest>(result));
  const auto& test = std::get<RandomisationTest>(result);
  CHECK(test.sum_of_probabilities == Approx(1).epsilon(1e-9));
  // Hypergeometric: var D = 4 m (n - m) / (n (n - 1)) * (sum of v^2 - (sum of v)^2 / n), with m = n / 2.
  double sum = 0, square = 0;
  for (const Both& one : pairs) {
    sum += one.v();
    square += one.v() * one.v();
  }
  const double n = 40000, variance = n / (n - 1) * (square - sum * sum / n);
  CHECK(test.variance == Approx(variance).epsilon(1e-6));
  const double z = (std::abs(test.statistic) - 1) / std::sqrt(variance);  // D is odd or even: half a step of two
  CHECK(test.p_two_sided == Approx(std::erfc(z / std::sqrt(2))).epsilon(0.01));
}
