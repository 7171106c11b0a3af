// Training and evidence on drawn activations whose truth is known.
#include "concepts/training/train_bank.h"

#include <Eigen/Core>
#include <cmath>

#include "concepts/attribution/concept_bank.h"
#include "concepts/attribution/explain_case.h"
#include "concepts/evidence/random.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::concepts;

namespace {

constexpr Eigen::Index kFeatures = 12;

/// Three concepts with footprints on features 0-2, 3-5 and 6-8; "marker" agrees with "opacity" in 80 %.
struct Drawn {
  TrainingSet set;
  Eigen::MatrixXd activations;
};

double normal(Random& random) {  // sum of 12 uniforms
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(random.below(1000001)) / 1e6;
  return sum;
}

Drawn draw(Eigen::Index n, std::uint64_t seed) {
  Random random(seed, 9);
  Drawn drawn;
  drawn.set.concepts = {{"opacity", 1, false, {}}, {"marker", 1, true, {}}, {"heart", 1, false, {}}};
  drawn.set.labels.resize(n, 3);
  drawn.set.is_judged = Eigen::MatrixXd::Ones(n, 3);
  drawn.set.strata.resize(n, 0);
  drawn.activations.resize(n, kFeatures);
  for (Eigen::Index i = 0; i < n; ++i) {
    const bool opacity = random.below(2) == 0, agrees = random.below(10) < 8;
    drawn.set.labels.row(i) << (opacity ? 1.0 : 0.0), (opacity == agrees ? 1.0 : 0.0),
        static_cast<double>(random.below(2));
    for (Eigen::Index j = 0; j < kFeatures; ++j) {
      const double footprint = j < 9 ? drawn.set.labels(i, j / 3) * 1.5 : 0;
      drawn.activations(i, j) = footprint + 0.5 * normal(random);
    }
    drawn.set.groups.push_back(static_cast<int>(i / 2));
    drawn.set.cases.push_back({.name = "c" + std::to_string(i), .file = {}, .patient = {},
                               .columns = {}, .where = {}});
  }
  return drawn;
}

ConceptBank bank_of(const Drawn& drawn, const std::string& recipe = "rationale") {
  ConceptBank bank;
  bank.key = {std::string(64, 'a'), std::string(64, 'b'), "layer", recipe, "pooled"};
  bank.activation_shape = {kFeatures, 1, 1};
  bank.mean_activation.assign(kFeatures, 0.0F);
  for (Eigen::Index i = 0; i < drawn.set.n(); ++i) {
    bank.rows.push_back({"", "", std::string(64, 'c'), 0});
  }
  train_bank(bank, drawn.set, drawn.activations,
             {.seed = 3, .n_resamples = 20, .n_permutations = 199});
  return bank;
}

/// The logit sees opacity and heart, not the marker.
Eigen::MatrixXd honest_gradient() {
  Eigen::MatrixXd gradient = Eigen::MatrixXd::Zero(1, kFeatures);
  gradient.leftCols(3).setConstant(0.5);
  gradient.middleCols(6, 3).setConstant(-0.4);
  return gradient;
}

const BankEvidence& evidence_of(const ConceptBank& bank, const std::string& name) {
  for (const BankEvidence& one : bank.evidence) {
    if (bank.concepts[one.ordinal].name == name) return one;
  }
  throw std::runtime_error("no such concept");
}

}  // namespace

TEST_CASE("a confounded concept that the model ignores is not accused, a used one is established",
          "[concepts][train]") {
  const Drawn drawn = draw(240, GENERATE(1U, 2U, 3U));
  ConceptBank bank = bank_of(drawn);
  add_evidence(bank, drawn.set, drawn.activations, {0}, {"pneumonia"}, honest_gradient());
  // Truth: 3 features x 1.5 x 0.5 = 2.25 and 3 x 1.5 x -0.4 = -1.8; the marker 0.
  CHECK(*evidence_of(bank, "opacity").effect == Approx(2.25).margin(0.3));
  CHECK(*evidence_of(bank, "heart").effect == Approx(-1.8).margin(0.3));
  CHECK(*evidence_of(bank, "marker").effect == Approx(0).margin(0.3));
  CHECK(evidence_of(bank, "opacity").gate.verdict == Verdict::kEstablished);
  CHECK(evidence_of(bank, "heart").gate.verdict == Verdict::kEstablished);
  CHECK_FALSE(evidence_of(bank, "marker").gate.is_used);
  CHECK(bank.concepts[0].nested_auc->auc > 0.95);
}

TEST_CASE("a model that uses the marker is caught, and the word is shortcut", "[concepts][train]") {
  const Drawn drawn = draw(240, 4);
  ConceptBank bank = bank_of(drawn);
  Eigen::MatrixXd gradient = honest_gradient();
  gradient.middleCols(3, 3).setConstant(0.5);
  add_evidence(bank, drawn.set, drawn.activations, {0}, {"pneumonia"}, gradient);
  CHECK(evidence_of(bank, "marker").gate.is_used);
  CHECK(evidence_of(bank, "marker").gate.shortcut == Shortcut::kYes);
}

TEST_CASE("a concept with three examples is kept untrained with its reason",
          "[concepts][train][refusal]") {
  Drawn drawn = draw(120, 5);
  drawn.set.labels.col(2).setZero();
  drawn.set.labels(0, 2) = drawn.set.labels(2, 2) = drawn.set.labels(4, 2) = 1;
  ConceptBank bank = bank_of(drawn);
  CHECK_FALSE(bank.concepts[2].is_trained);
  CHECK(bank.filters.cols() == 2);
  add_evidence(bank, drawn.set, drawn.activations, {0}, {"pneumonia"}, honest_gradient());
  const std::string heart = "heart";
  const BankEvidence& rare = evidence_of(bank, heart);
  CHECK(rare.gate.verdict == Verdict::kNotEstablished);
  CHECK(rare.gate.rows[1].reason == "too few examples (3 patients with, 60 without)");
}

TEST_CASE("training is refused when every concept has too few examples",
          "[concepts][train][refusal]") {
  Drawn drawn = draw(40, 6);
  drawn.set.labels.setZero();
  drawn.set.labels.topRows(3).setOnes();
  try {
    bank_of(drawn);
    FAIL("trained");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(error.code == "too_few_examples");
  }
}

TEST_CASE("patterns need images that are judged for all concepts", "[concepts][train][refusal]") {
  Drawn drawn = draw(120, 7);
  drawn.set.is_judged.setZero();
  for (Eigen::Index i = 0; i < 120; ++i) drawn.set.is_judged(i, i % 3) = 1;
  CHECK_THROWS_AS(bank_of(drawn), Error);
}

TEST_CASE("images not judged for one concept still train the filters of the others",
          "[concepts][train]") {
  Drawn drawn = draw(200, 8);
  drawn.set.is_judged.col(1).head(60).setZero();
  const ConceptBank bank = bank_of(drawn);
  CHECK(bank.concepts[0].n_present + bank.concepts[0].n_absent >
        bank.concepts[1].n_present + bank.concepts[1].n_absent);
  CHECK(bank.concepts[1].nested_auc->auc > 0.9);
}

TEST_CASE("training is the same again, and comes back from the library as it was",
          "[concepts][train]") {
  const Drawn drawn = draw(120, 9);
  ConceptBank bank = bank_of(drawn);
  add_evidence(bank, drawn.set, drawn.activations, {0}, {"pneumonia"}, honest_gradient());
  ConceptBank again = bank_of(drawn);
  add_evidence(again, drawn.set, drawn.activations, {0}, {"pneumonia"}, honest_gradient());
  CHECK(bank_sha256(bank) == bank_sha256(again));
  CHECK(bank_sha256(from_stored(to_stored(bank))) == bank_sha256(bank));

  StoredBank damaged = to_stored(bank);
  damaged.arrays.erase("patterns");
  CHECK_THROWS_AS(from_stored(damaged), Error);
  damaged = to_stored(bank);
  damaged.evidence[0].verdict =
      damaged.evidence[0].verdict == "established" ? "not_established" : "established";
  CHECK_THROWS_AS(from_stored(damaged), Error);
}

TEST_CASE("the reference recipe reads as well, and claims no effect", "[concepts][train]") {
  const Drawn drawn = draw(200, 10), other = draw(200, 11);
  const ConceptBank bank = bank_of(drawn, "reference");
  CHECK(bank.patterns.size() == 0);
  const Eigen::MatrixXd scores = concept_scores(bank, other.activations);
  for (Eigen::Index k = 0; k < 3; ++k) {
    CHECK(*auc(scores.col(k), other.set.labels.col(k)) > 0.95);
  }
  CHECK(bank_sha256(from_stored(to_stored(bank))) == bank_sha256(bank));
}

TEST_CASE("an explanation comes back from its JSON as it was", "[concepts][json]") {
  CaseExplanation one;
  one.class_name = "pneumonia";
  one.logit = 1.25;
  one.residual = 0.25;
  one.sentence = "because";
  Contribution part;
  part.concept_name = "opacity";
  part.version = 2;
  part.phi = 1;
  part.presence = 0.9;
  part.verdict = Verdict::kSuggestive;
  part.is_named = true;
  one.contributions = {part};
  const auto json = to_json(one);
  CHECK(to_json(case_explanation_from_json(json)) == json);
  CHECK_THROWS_AS(case_explanation_from_json({{"class", "x"}}), Error);
}

TEST_CASE("the document of explanations.db names every key of a concept explanation", "[concepts][docs]") {
  CaseExplanation one;
  one.contributions.resize(2);
  one.contributions[0].version = 1;
  const std::string text = read_file(std::filesystem::path(RATIONALE_SOURCE_DIR) / "docs/explanations-db.md");
  const auto json = to_json(one);
  const auto check = [&](const nlohmann::ordered_json& object) {
    for (const auto& [key, value] : object.items()) {
      INFO(key);
      CHECK(text.find("`" + key + "`") != std::string::npos);
    }
  };
  check(json);
  for (const auto& row : json["contributions"]) check(row);
}
