// The evidence gate and its statistics: hand calculations, properties and refusals.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <set>

#include "concepts/evidence/auc.h"
#include "concepts/evidence/gate.h"
#include "concepts/evidence/random.h"
#include "concepts/evidence/rank_test.h"
#include "concepts/evidence/resampling.h"
#include "concepts/evidence/stability.h"
#include "tests/support/catch.h"

using namespace rationale::concepts;

namespace {

Eigen::VectorXd vector(std::initializer_list<double> values) {
  Eigen::VectorXd result(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

/// All nine checks pass.
GateInput good() {
  GateInput in;
  in.concept_name = "opacity";
  in.nested_auc = AucInterval{0.9, 0.8, 0.95, 60, 90};
  in.n_present = 60;
  in.n_absent = 90;
  in.p_holm = 0.01;
  in.effect = 2;
  in.effect_se = 0.1;
  in.materiality = 1;
  in.stability = 0.95;
  in.vif_strata = 1.5;
  in.vif_concepts = 2;
  in.kappa = 0.8;
  in.folds = 5;
  in.folds_same_sign = 5;
  return in;
}

Grade grade_of(const GateResult& result, const std::string& check) {
  for (const GateRow& row : result.rows) {
    if (row.check == check) return row.grade;
  }
  throw std::runtime_error("no such check");
}

}  // namespace

TEST_CASE("AUC counts ties one half", "[concepts][auc]") {
  // Pairs (present, absent): (2,1) 1, (2,2) 1/2, (3,1) 1, (3,2) 1.
  CHECK(*auc(vector({2, 3, 1, 2}), vector({1, 1, 0, 0})) == Approx(3.5 / 4));
  CHECK_FALSE(auc(vector({1, 2}), vector({1, 1})).has_value());
}

TEST_CASE("DeLong's variance equals the hand calculation", "[concepts][auc]") {
  // x = {2, 3}, y = {1, 2}: V10 = {3/4, 1}, V01 = {1, 3/4}; each variance 1/32, / 2 groups of 2.
  const auto interval = delong_interval(vector({2, 3, 1, 2}), vector({1, 1, 0, 0}));
  REQUIRE(interval.has_value());
  CHECK(interval->auc == Approx(0.875));
  CHECK(interval->low == Approx(0.875 - 1.959963984540054 * std::sqrt(2 * (1.0 / 32) / 2)));
  CHECK(interval->high == 1);
}

TEST_CASE("perfect separation of few examples has a wide interval", "[concepts][auc]") {
  const auto interval = delong_interval(vector({3, 4, 1, 2}), vector({1, 1, 0, 0}));
  CHECK(interval->auc == 1);
  CHECK(interval->low < 0.5);
}

TEST_CASE("folds keep patients whole and spread a rare label", "[concepts][folds]") {
  const int seed = GENERATE(range(0, 8));
  std::vector<int> groups;
  Eigen::MatrixXd labels = Eigen::MatrixXd::Zero(60, 2);
  for (int i = 0; i < 60; ++i) groups.push_back(i / 2);
  for (int i = 0; i < 10; i += 2) labels(i, 0) = 1;  // one image of each of 5 patients
  for (int i = 0; i < 60; i += 3) labels(i, 1) = 1;
  const auto folds = folds_by_group(groups, labels, 5, static_cast<std::uint64_t>(seed));
  std::vector<int> rare(5), sizes(5);
  for (std::size_t i = 0; i < 60; ++i) {
    CHECK(folds[i] == folds[i / 2 * 2]);
    ++sizes[static_cast<std::size_t>(folds[i])];
    if (labels(static_cast<Eigen::Index>(i), 0) > 0) ++rare[static_cast<std::size_t>(folds[i])];
  }
  CHECK(rare == std::vector<int>{1, 1, 1, 1, 1});
  CHECK(*std::max_element(sizes.begin(), sizes.end()) <= 16);
  CHECK(folds == folds_by_group(groups, labels, 5, static_cast<std::uint64_t>(seed)));
}

TEST_CASE("permutations move patients as blocks and stay within strata", "[concepts][permutation]") {
  const std::vector<int> groups{0, 0, 1, 1, 2, 3, 4, 4};
  const std::vector<int> strata{0, 0, 0, 0, 0, 0, 1, 1};
  std::set<RowIndices> seen;
  for (const RowIndices& permutation : permutations_by_group(groups, strata, 50, 3)) {
    std::set<Eigen::Index> values(permutation.begin(), permutation.end());
    CHECK(values.size() == 8);
    CHECK(groups[static_cast<std::size_t>(permutation[0])] ==
          groups[static_cast<std::size_t>(permutation[1])]);
    CHECK(permutation[0] < 4);
    CHECK(permutation[4] >= 4);
    CHECK(permutation[4] < 6);
    CHECK(permutation[6] == 6);  // alone in its stratum
    seen.insert(permutation);
  }
  CHECK(seen.size() == 4);  // two pairs exchanged or not, two singles exchanged or not
}

TEST_CASE("the rank test holds its level for a confounded concept without an effect",
          "[concepts][permutation]") {
  // s depends on b only; a agrees with b in 85 %. The marginal test accuses a, the adjusted one does not.
  Random random(5, 0);
  const auto uniform = [&] { return static_cast<double>(random.below(1000000)) / 1e6; };
  int accused = 0, accused_marginally = 0;
  const int n = 80, repetitions = 60;
  for (int r = 0; r < repetitions; ++r) {
    Eigen::VectorXd a(n), s(n);
    Eigen::MatrixXd b(n, 1);
    std::vector<int> groups(n), strata(n, 0);
    for (int i = 0; i < n; ++i) {
      groups[static_cast<std::size_t>(i)] = i;
      b(i, 0) = uniform() < 0.5 ? 1 : 0;
      a(i) = uniform() < 0.85 ? b(i, 0) : 1 - b(i, 0);
      s(i) = 2 * b(i, 0) + uniform() + uniform() + uniform();
    }
    const auto permutations =
        permutations_by_group(groups, strata, 99, static_cast<std::uint64_t>(r));
    accused += freedman_lane(s, a, b, permutations).p <= 0.05 ? 1 : 0;
    accused_marginally += marginal_test(s, a, permutations).p <= 0.05 ? 1 : 0;
  }
  CHECK(accused <= 8);              // binomial(60, 0.05): more than 8 in 0.5 % of runs
  CHECK(accused_marginally >= 55);
}

TEST_CASE("a concept that is a combination of the strata is not estimable",
          "[concepts][permutation]") {
  Eigen::MatrixXd strata(6, 2);
  strata << 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0;
  const Eigen::VectorXd c = strata.col(0) + strata.col(1);
  const RankTest test = freedman_lane(vector({1, 2, 3, 4, 5, 6}), c, strata, {});
  CHECK_FALSE(test.is_estimable);
  CHECK(variance_inflation(c, strata) >= 1e9);
}

TEST_CASE("Holm's adjustment equals the hand calculation", "[concepts][permutation]") {
  const auto adjusted = holm({0.01, 0.04, 0.03});
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[1] == Approx(0.06));
}

TEST_CASE("kappa equals the hand calculation", "[concepts][agreement]") {
  // 3 of 4 agree; chance (2*1 + 2*3) / 16 = 1/2.
  CHECK(*cohen_kappa({1, 1, 0, 0}, {1, 0, 0, 0}) == Approx(0.5));
  CHECK_FALSE(cohen_kappa({1, 1}, {1, 1}).has_value());
  CHECK_FALSE(cohen_kappa({}, {}).has_value());
}

TEST_CASE("a concept that passes every check is established", "[concepts][gate]") {
  const GateResult result = judge(good());
  CHECK(result.rows.size() == 9);
  CHECK(result.verdict == Verdict::kEstablished);
  CHECK(result.reasons.empty());
  CHECK(result.is_used);
}

TEST_CASE("each threshold of the gate stands where the table puts it", "[concepts][gate]") {
  struct Step {
    const char* check;
    void (*set)(GateInput&, double);
    double pass, weak, fail;
  };
  const auto step = GENERATE(
      Step{"readable", [](GateInput& in, double v) { in.nested_auc->auc = v; }, 0.80, 0.79, 0.69},
      Step{"enough_examples", [](GateInput& in, double v) { in.n_present = static_cast<int>(v); },
           50, 49, 24},
      Step{"used", [](GateInput& in, double v) { in.p_holm = v; }, 0.05, 0.10, 0.11},
      Step{"material", [](GateInput& in, double v) { in.materiality = v; }, 0.15, 0.10, 0.09},
      Step{"stable", [](GateInput& in, double v) { in.stability = v; }, 0.90, 0.75, 0.74},
      Step{"confounded", [](GateInput& in, double v) { in.vif_strata = v; }, 5, 10, 10.1},
      Step{"entangled", [](GateInput& in, double v) { in.vif_concepts = v; }, 5, 10, 10.1},
      Step{"annotators", [](GateInput& in, double v) { in.kappa = v; }, 0.6, 0.4, 0.39});
  INFO(step.check);
  GateInput in = good();
  step.set(in, step.pass);
  CHECK(judge(in).verdict == Verdict::kEstablished);
  step.set(in, step.weak);
  CHECK(judge(in).verdict == Verdict::kSuggestive);
  CHECK(grade_of(judge(in), step.check) == Grade::kWeak);
  step.set(in, step.fail);
  CHECK(judge(in).verdict == Verdict::kNotEstablished);
  CHECK(judge(in).reasons.size() == 1);
}

TEST_CASE("the worse of nested and held-out AUC counts, and a wide interval is weak",
          "[concepts][gate]") {
  GateInput in = good();
  in.held_out_auc = AucInterval{0.60, 0.5, 0.7, 30, 30};
  CHECK(judge(in).verdict == Verdict::kNotEstablished);
  in.held_out_auc = AucInterval{0.85, 0.60, 0.95, 10, 10};
  CHECK(judge(in).verdict == Verdict::kSuggestive);
}

TEST_CASE("a sign that changes between folds is not established", "[concepts][gate]") {
  GateInput in = good();
  in.folds_same_sign = 3;
  CHECK(judge(in).verdict == Verdict::kNotEstablished);
}

TEST_CASE("checks without input do not decide, but an effect must be estimable",
          "[concepts][gate]") {
  GateInput in = good();
  in.kappa.reset();
  in.vif_strata.reset();
  in.vif_concepts.reset();
  CHECK(judge(in).verdict == Verdict::kEstablished);
  in.p_holm.reset();
  CHECK(judge(in).verdict == Verdict::kNotEstablished);
}

TEST_CASE("used needs significance and materiality, and shortcut is a word for confounders only",
          "[concepts][gate]") {
  GateInput in = good();
  in.materiality = 0.14;
  CHECK_FALSE(judge(in).is_used);
  in.materiality = 0.3;
  CHECK(judge(in).shortcut == Shortcut::kNo);
  in.is_confounder = true;
  CHECK(judge(in).shortcut == Shortcut::kYes);
  in.materiality = 0.2;
  CHECK(judge(in).shortcut == Shortcut::kPossible);
  in.p_holm = 0.06;
  CHECK(judge(in).shortcut == Shortcut::kNo);
  CHECK_FALSE(judge(in).is_used);
}

TEST_CASE("a failed use test prints the effect that could have been seen", "[concepts][gate]") {
  GateInput in = good();
  in.p_holm = 0.4;
  in.effect_se = 0.5;
  CHECK(judge(in).reasons.at(0) ==
        "no evidence that the model uses it (p 0.400; detectable from 1.4 logits)");
}
