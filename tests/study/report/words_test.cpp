// The sentences: what they say of the golden study, and what they refuse to say.
#include "study/report/words.h"

#include <string>

#include "example.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

PrintedEstimate interval(double value, double lower, double upper, std::optional<double> df, double p) {
  PrintedEstimate estimate;
  estimate.is_estimable = true;
  estimate.value = value;
  estimate.lower = lower;
  estimate.upper = upper;
  estimate.df = df;
  estimate.p = p;
  if (df) {
    estimate.t = -2;
  } else {
    estimate.z = -2;
  }
  return estimate;
}

ReportInput study_of(std::size_t n_readers) {
  ReportInput input;
  input.facts.control = {"hidden", "hidden", "with the heatmap hidden"};
  input.facts.treated = {"visible", "visible", "with the heatmap visible"};
  input.readers.resize(n_readers);
  input.fpr.is_present = true;
  input.fpr.control = 0.2;
  input.fpr.treated = 0.1;
  input.fpr.rrrc = interval(-0.1, -0.15, -0.05, 40.0, 0.0004);
  input.fpr.frrc = interval(-0.1, -0.14, -0.06, std::nullopt, 0.0001);
  input.sensitivity = input.fpr;
  return input;
}

}  // namespace

TEST_CASE("three readers of the golden study support no claim about readers in general",
          "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = test::simulated_study(*folder);
  const std::string sentence = result_sentence(input, "fpr");
  CHECK(has(sentence,
            "With the heatmap visible these three readers called fewer normal films positive"));
  CHECK(has(sentence, "17.0\u00a0% \u2192 12.2\u00a0%"));
  CHECK(has(sentence, "<b>\u22124.8 percentage points</b>"));
  CHECK(has(sentence, "<b>three readers do not support a claim about readers in general</b>"));
  CHECK(has(sentence, "\u221215.6 to +6.0 (t, df 2.13, p = 0.204)"));

  const std::string note = answers_note(input, "fpr");
  CHECK(has(note, "the effect is there in these three readers (readers fixed, p = 0.010)"));
  CHECK(has(note, "(readers random, p = 0.204)"));

  const std::string beside = sensitivity_sentence(input);
  CHECK(has(
      beside,
      "Sensitivity did not fall: 70.0\u00a0% \u2192 78.1\u00a0%, <b>+8.1 percentage points</b>"));
  CHECK(has(beside, "for these three readers and films like these"));
  CHECK(has(beside, "+2.8 to +13.4 (z = 2.98, p = 0.003)"));
  CHECK(has(beside, "above the non-inferiority margin of \u22125 locked in the protocol"));
}

TEST_CASE("where RRRC is narrower than FRRC the wider interval is quoted and a note says so",
          "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = test::simulated_study(*folder);
  CHECK(quoted(input.sensitivity) == Quote::kReadersFixed);
  CHECK(quoted(input.fpr) == Quote::kReadersRandom);
  CHECK(narrower_note(input, "fpr").empty());
  const std::string note = narrower_note(input, "sensitivity");
  CHECK(has(note, "+6.2 to +10.0 (df 292)"));
  CHECK(has(note, "(+10, +10, +9 films)"));
  CHECK(has(note, "(\u22120.00096)"));
}

TEST_CASE("an interval without zero speaks of readers like these", "[study][report]") {
  const ReportInput input = study_of(8);
  const std::string sentence = result_sentence(input, "fpr");
  CHECK(has(sentence, "readers like these"));
  CHECK(has(sentence, "p < 0.001") == false);  // escaped, with its space kept together
  CHECK(has(sentence, "p &lt;\u00a00.001"));
  CHECK_FALSE(has(sentence, "do not support"));
  CHECK_FALSE(has(sentence, "radiologist"));
}

TEST_CASE("two readers never support a claim", "[study][report]") {
  const std::string sentence = result_sentence(study_of(2), "fpr");
  CHECK(has(sentence, "two readers do not support a claim about readers in general"));
}

TEST_CASE("one reader has a fixed-reader interval and no claim", "[study][report]") {
  ReportInput input = study_of(1);
  input.fpr.rrrc = not_estimable("one_reader", "one reader");
  const std::string sentence = result_sentence(input, "fpr");
  CHECK(has(sentence, "this reader called fewer"));
  CHECK(has(sentence, "one reader does not support a claim about readers in general"));
  CHECK(has(sentence, "for this reader and films like these"));
}

TEST_CASE("a sensitivity that reaches below the margin is said to", "[study][report]") {
  ReportInput input = study_of(8);
  input.facts.margin = 0.05;
  input.sensitivity.rrrc = interval(-0.02, -0.075, 0.035, 12.0, 0.4);
  input.sensitivity.frrc = interval(-0.02, -0.06, 0.02, std::nullopt, 0.3);
  const std::string sentence = sensitivity_sentence(input);
  CHECK(has(sentence, "Sensitivity fell"));
  CHECK(has(sentence, "reaches below the non-inferiority margin</b> of \u22125"));
  input.facts.margin = 0.1;
  CHECK(has(sensitivity_sentence(input), "above the non-inferiority margin of \u221210"));
  input.facts.margin.reset();
  CHECK(has(sensitivity_sentence(input), "no non-inferiority margin was set"));
}

TEST_CASE("a reader sees which arm is on the screen, and the page says so", "[study][report]") {
  ReportInput input = study_of(3);
  input.facts.is_locked = true;
  CHECK(has(blinding_sentence(input), "blinded to truth and to the allocation sequence"));
  CHECK(has(blinding_sentence(input), "sees which arm is on the screen"));
}

TEST_CASE("a part with fewer than thirty cases is too few to tell", "[study][report]") {
  ReportInput input = study_of(3);
  AiStratum stratum;
  stratum.metric = "fpr";
  stratum.is_ai_right = false;
  stratum.n_cases = 29;
  input.ai.strata = {stratum};
  CHECK(has(ai_note(input), "too few to tell"));
  input.ai.strata[0].n_cases = 30;
  CHECK_FALSE(has(ai_note(input), "too few to tell"));
}

}  // namespace rationale::study
