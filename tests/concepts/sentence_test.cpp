// The rules of docs/concepts.md, "Sentence", one fact a test; numbers by hand.
#include "concepts/sentence/sentence.h"

#include <cmath>

#include "concepts/sentence/rounding.h"
#include "tests/support/catch.h"

using namespace rationale::concepts;

namespace {

Contribution reason(const std::string& name, double phi, double effect) {
  Contribution one;
  one.concept_name = name;
  one.version = 1;
  one.phi = phi;
  one.low = phi - 0.5 * std::abs(effect);
  one.high = phi + 0.5 * std::abs(effect);
  one.presence = 0.95;
  one.reference = 0.4;
  one.effect = effect;
  one.sign_stability = 1;
  one.verdict = Verdict::kEstablished;
  return one;
}

CaseExplanation explanation(std::vector<Contribution> contributions, double residual,
                            double reference = 0.2) {
  CaseExplanation result;
  result.class_name = "consolidation";
  result.reference = reference;
  result.residual = residual;
  result.logit = reference + residual;
  for (const Contribution& one : contributions) result.logit += one.phi;
  result.contributions = std::move(contributions);
  write_sentence(result);
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a concept with evidence, share and a decisive presence is named with its figures",
          "[concepts][sentence]") {
  const auto one = explanation({reason("opacity", 2.1, 2.5)}, 0.4);
  CHECK(one.contributions[0].is_named);
  CHECK(one.sentence ==
        "The model's output for consolidation is above its reference because of opacity: +2.1 "
        "(opacity) +0.4 (not explained) = 2.5 above the reference 0.2. opacity reads as present (95 "
        "%).");
  CHECK(one.residual_share == Approx(0.4 / 2.5));
}

TEST_CASE("a concept that did not pass the gate is never named, and stays in the sum",
          "[concepts][sentence]") {
  Contribution failed = reason("marker", 2.1, 2.5);
  failed.verdict = Verdict::kNotEstablished;
  const auto one = explanation({failed}, 0.4);
  CHECK_FALSE(one.contributions[0].is_named);
  CHECK_FALSE(contains(one.sentence, "marker"));
  CHECK(contains(one.sentence, "This decision on consolidation is not explained by your concepts"));
  CHECK(contains(one.sentence, "+2.1 (annotated concepts) +0.4 (not explained) = 2.5 above"));
}

TEST_CASE("a suggestive concept is named with the word possibly", "[concepts][sentence]") {
  Contribution weak = reason("opacity", 2.1, 2.5);
  weak.verdict = Verdict::kSuggestive;
  CHECK(contains(explanation({weak}, 0.4).sentence, "because of possibly opacity"));
}

TEST_CASE("an absent concept that argues against the class is named by its absence",
          "[concepts][sentence]") {
  Contribution absent = reason("cardiomegaly", 0.9, -2);
  absent.presence = 0.05;
  const auto one = explanation({absent}, 0.1);
  CHECK(contains(one.sentence, "because of the absence of cardiomegaly"));
  CHECK(contains(one.sentence, "+0.9 (no cardiomegaly)"));
  CHECK(contains(one.sentence, "cardiomegaly reads as absent (5 %)"));
}

TEST_CASE("what pushes against the direction stands behind despite, whichever the direction",
          "[concepts][sentence]") {
  const auto up = explanation({reason("effusion", 3, 3), reason("cardiomegaly", -1, -1)}, 0.2);
  CHECK(contains(up.sentence, "above its reference because of effusion, despite cardiomegaly"));
  const auto down = explanation({reason("effusion", 1, 1), reason("cardiomegaly", -3, -3)}, -0.2);
  CHECK(contains(down.sentence,
                 "below its reference because of cardiomegaly, despite effusion"));
  CHECK(contains(down.sentence, "= −2.2 from the reference 0.2"));
}

TEST_CASE("primarily is said only if the model-level effects differ twofold",
          "[concepts][sentence]") {
  const auto ordered = explanation({reason("b", 1, 1), reason("a", 2.5, 2.5)}, 0.1);
  CHECK(contains(ordered.sentence, "primarily because of a, secondarily because of b"));
  const auto near = explanation({reason("b", 1, 1.5), reason("a", 2.5, 2.5)}, 0.1);
  CHECK(contains(near.sentence, "because of a and b (order not established)"));
  const auto three =
      explanation({reason("b", 2, 1.5), reason("a", 4, 4), reason("c", 1.9, 1.6)}, 0.1);
  CHECK(contains(three.sentence, "primarily because of a, secondarily because of b and c (order of "
                                 "these two not established)"));
}

TEST_CASE("at most three concepts are named, the largest first", "[concepts][sentence]") {
  const auto one = explanation({reason("a", 2.5, 1), reason("b", 2.6, 1), reason("c", 2.7, 1),
                                reason("d", 2.8, 1)}, 0);
  CHECK_FALSE(one.contributions[0].is_named);
  CHECK(contains(one.sentence, "because of d and c and b (order not established)"));
}

TEST_CASE("small shares and unstable signs are not named", "[concepts][sentence]") {
  Contribution unstable = reason("unstable", 3, 3);
  unstable.sign_stability = 0.94;
  const auto one = explanation({reason("big", 3, 3), reason("small", 1, 3), unstable}, 0.1);
  CHECK(one.contributions[0].is_named);
  CHECK_FALSE(one.contributions[1].is_named);  // 1 / 7.1 < 0.15
  CHECK_FALSE(one.contributions[2].is_named);
  CHECK(contains(one.sentence, "+4.0 (other annotated concepts)"));
}

TEST_CASE("an undecided presence is said, with a range, and not named", "[concepts][sentence]") {
  Contribution unclear = reason("opacity", 2, 2);
  unclear.presence = 0.6;
  const auto one = explanation({unclear}, 0.1);
  CHECK_FALSE(one.contributions[0].is_named);
  CHECK(contains(one.sentence, "It cannot be told whether opacity is present (60 %); it contributes "
                               "between +1 and +3."));
  Contribution strict = reason("opacity", 2, 2);
  strict.presence = 0.75;
  strict.decisive_presence = 0.8;
  CHECK_FALSE(explanation({strict}, 0.1).contributions[0].is_named);
}

TEST_CASE("a residual of half or more leads the sentence, of a third is appended",
          "[concepts][sentence]") {
  const auto half = explanation({reason("opacity", 1, 1)}, 1.6);
  CHECK(half.sentence.rfind("Mostly not explained by your concepts (62 %). ", 0) == 0);
  const auto third = explanation({reason("opacity", 2, 2)}, 1);
  CHECK(contains(third.sentence, "A substantial part (33 %) is not explained."));
  CHECK_FALSE(contains(explanation({reason("opacity", 3, 3)}, 1).sentence, "substantial"));
}

TEST_CASE("a case without concepts or output is a sentence too", "[concepts][sentence]") {
  const auto one = explanation({}, 0);
  CHECK(one.residual_share == 0);
  CHECK(contains(one.sentence, "is not explained by your concepts: +0.0 (not explained) = 0.0"));
}

TEST_CASE("rounded terms add up to the rounded total", "[concepts][sentence]") {
  CHECK(round_to_total({0.34, 0.34, 0.34}, 10, 1) == std::vector<long long>{4, 3, 3});
  CHECK(round_to_total({-0.36, 0.86}, 5, 1) == std::vector<long long>{-4, 9});
  const int seed = GENERATE(range(0, 40));
  std::vector<double> terms;
  double sum = 0;
  for (int i = 0; i < 5; ++i) {
    terms.push_back(std::sin(seed * 13.7 + i * 5.1) * 3);
    sum += terms.back();
  }
  const long long total = std::llround(sum * 100) + seed % 3 - 1;  // rounded elsewhere: off by one
  long long rounded = 0;
  const auto units = round_to_total(terms, total, 2);
  for (std::size_t i = 0; i < units.size(); ++i) {
    rounded += units[i];
    CHECK(std::abs(static_cast<double>(units[i]) - 100 * terms[i]) < 2);
  }
  CHECK(rounded == total);
}

TEST_CASE("fixed-point figures have their sign and never a negative zero", "[concepts][sentence]") {
  CHECK(fixed(-3, 1) == "−0.3");
  CHECK(fixed(21, 1, Sign::kAlways) == "+2.1");
  CHECK(fixed(0, 1) == "0.0");
  CHECK(fixed(-105, 2, Sign::kAlways) == "−1.05");
  CHECK(decimals_for({2.0, 0.1}) == 1);
  CHECK(decimals_for({0.02}) == 3);
}
