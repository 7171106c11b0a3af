#include "data/samples/labels.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "data/base/error.h"
#include "data/samples/case.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

constexpr std::uint64_t kDraws = 8000;

std::vector<Labels> draws(SampleSet set) {
  std::vector<Labels> result;
  for (std::uint64_t i = 0; i < kDraws; ++i) result.push_back(draw_labels(set, 77, i));
  return result;
}

template <typename F>
double share(const std::vector<Labels>& all, F holds) {
  double count = 0;
  for (const Labels& one : all) count += holds(one) ? 1 : 0;
  return count / static_cast<double>(all.size());
}

/// Mean phi coefficient of all pairs of findings.
double mean_correlation(const std::vector<Labels>& all) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t a = 0; a < kFindingCount; ++a) {
    for (std::size_t b = a + 1; b < kFindingCount; ++b) {
      const double p = share(all, [&](const Labels& l) { return l.findings[a]; });
      const double q = share(all, [&](const Labels& l) { return l.findings[b]; });
      const double both =
          share(all, [&](const Labels& l) { return l.findings[a] && l.findings[b]; });
      sum += (both - p * q) / std::sqrt(p * (1 - p) * q * (1 - q));
      ++pairs;
    }
  }
  return sum / pairs;
}

// Four standard errors of a share near one half over 8,000 draws: 0.022.
constexpr double kMargin = 0.022;

}  // namespace

TEST_CASE("in a test set findings are independent and 35 % frequent", "[data][samples]") {
  const auto all = draws(SampleSet::kTest);
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    CHECK(share(all, [&](const Labels& l) { return l.findings[k]; }) ==
          Approx(0.35).margin(kMargin));
  }
  // 28 pairs, each with a standard error of 0.011
  CHECK(mean_correlation(all) == Approx(0).margin(0.01));
  CHECK(share(all, [](const Labels& l) {
          return l.target_consolidation == l.findings[kConsolidation];
        }) == 1);
}

TEST_CASE("in a concept set findings come together, 35 % frequent", "[data][samples]") {
  const auto all = draws(SampleSet::kConcept);
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    CHECK(share(all, [&](const Labels& l) { return l.findings[k]; }) ==
          Approx(0.35).margin(kMargin));
  }
  // Bivariate normal, r = 0.2, both cut at Phi^-1(0.35): P(both) = 0.15049, phi = 0.1230 (numeric
  // integral).
  CHECK(mean_correlation(all) == Approx(0.1230).margin(0.015));
}

TEST_CASE("a training set ties its confounder to the truth as its model's name says",
          "[data][samples]") {
  struct Row {
    SampleSet set;
    double shoulder, portable;  // agreement with consolidation
  };
  // Two independent findings with 35 % and about 51 % agree in half of the cases; the rest of the
  // correlation (rho 0.2) adds 0.04 to portable.
  const auto row =
      GENERATE(Row{SampleSet::kTrainHonest, 0.5, 0.53}, Row{SampleSet::kTrainShoulder, 0.95, 0.53},
               Row{SampleSet::kTrainPortable, 0.53, 0.95});
  const auto all = draws(row.set);
  const auto agreement = [&](Finding finding) {
    return share(
        all, [&](const Labels& l) { return l.findings[finding] == l.findings[kConsolidation]; });
  };
  CHECK(share(all, [](const Labels& l) { return l.findings[kConsolidation]; }) ==
        Approx(0.35 + 0.65 * 0.25).margin(kMargin));
  CHECK(agreement(kShoulder) == Approx(row.shoulder).margin(kMargin));
  CHECK(agreement(kPortable) == Approx(row.portable).margin(kMargin));
  // The target is the truth but for 3 % of flips.
  CHECK(share(all, [](const Labels& l) {
          return l.target_consolidation != l.findings[kConsolidation];
        }) == Approx(0.03).margin(0.008));
}

TEST_CASE("the rule's target has the stated log-odds", "[data][samples]") {
  const auto all = draws(SampleSet::kTrainRule);
  for (const bool consolidation : {false, true}) {
    for (const bool effusion : {false, true}) {
      for (const bool cardiomegaly : {false, true}) {
        double n = 0, positive = 0;
        for (const Labels& l : all) {
          if (l.findings[kConsolidation] != consolidation || l.findings[kEffusion] != effusion ||
              l.findings[kCardiomegaly] != cardiomegaly) {
            continue;
          }
          ++n;
          positive += l.target_pneumonia ? 1 : 0;
        }
        const double p =
            1 / (1 + std::exp(2.2 - 2.5 * consolidation - 4.0 * effusion + 2.0 * cardiomegaly));
        REQUIRE(n > 100);
        CHECK(positive / n == Approx(p).margin(4 * std::sqrt(p * (1 - p) / n)));
      }
    }
  }
}

TEST_CASE("aligned and reversed sets are one set but for the confounder", "[data][samples]") {
  struct Row {
    SampleSet aligned, reversed;
    Finding confounder;
  };
  const auto row =
      GENERATE(Row{SampleSet::kAlignedShoulder, SampleSet::kReversedShoulder, kShoulder},
               Row{SampleSet::kAlignedPortable, SampleSet::kReversedPortable, kPortable});
  for (std::uint64_t i = 0; i < 200; ++i) {
    Labels aligned = draw_labels(row.aligned, 5, i);
    Labels reversed = draw_labels(row.reversed, 5, i);
    REQUIRE(aligned.findings[row.confounder] == aligned.findings[kConsolidation]);
    REQUIRE(reversed.findings[row.confounder] != reversed.findings[kConsolidation]);
    aligned.findings[row.confounder] = reversed.findings[row.confounder] = false;
    REQUIRE(aligned.findings == reversed.findings);
  }
}

TEST_CASE("an override sets one finding, and targets follow it", "[data][samples]") {
  Overrides overrides{};
  override_findings(overrides, {"consolidation"}, true);
  override_findings(overrides, {"shoulder"}, false);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Labels drawn = draw_labels(SampleSet::kTest, 3, i);
    const Labels changed = draw_labels(SampleSet::kTest, 3, i, overrides);
    REQUIRE(changed.findings[kConsolidation]);
    REQUIRE(changed.target_consolidation);
    REQUIRE_FALSE(changed.findings[kShoulder]);
    REQUIRE(changed.findings[kEffusion] == drawn.findings[kEffusion]);
    REQUIRE((changed.target_pneumonia || !drawn.target_pneumonia));  // more of it, never less
  }
}

TEST_CASE("unknown sets and findings are refused", "[data][samples]") {
  Overrides overrides{};
  CHECK_THROWS_AS(sample_set("tests"), Error);
  CHECK_THROWS_AS(override_findings(overrides, {"nodul"}, true), Error);
  override_findings(overrides, {"nodule"}, true);
  CHECK_THROWS_AS(override_findings(overrides, {"nodule"}, false), Error);
}

TEST_CASE("every fifth case is its neighbour's second image, and nothing tells the findings",
          "[data][samples]") {
  double with_nodule_f = 0, n_nodule = 0, without_nodule_f = 0, n_without = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const SampleCase one = describe_case(SampleSet::kTest, 7, i);
    if (i % 5 == 4) {
      const SampleCase first = describe_case(SampleSet::kTest, 7, i - 1);
      REQUIRE(one.patient == first.patient);
      REQUIRE(one.sex == first.sex);
      REQUIRE(one.age == first.age);
      REQUIRE(one.name != first.name);
    }
    REQUIRE(one.age >= 20);
    REQUIRE(one.age < 90);
    const bool has = one.labels.findings[kNodule];
    (has ? n_nodule : n_without) += 1;
    (has ? with_nodule_f : without_nodule_f) += one.sex == "F" ? 1 : 0;
  }
  CHECK(with_nodule_f / n_nodule == Approx(without_nodule_f / n_without).margin(0.06));
}
