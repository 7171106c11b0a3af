// The table of other methods: each with its numbers, or with the reason in their place.
#include <nlohmann/json.hpp>

#include "example.h"
#include "study/report/sections.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

ReportInput with_blocks(const Json& fpr) {
  ReportInput input;
  input.results = {{"cluster", {{"unit", "case"}}}, {"fpr", fpr}};
  return input;
}

}  // namespace

TEST_CASE("other methods are shown with difference, interval, df and p", "[report]") {
  const std::string text = test::text_of(methods_section(with_blocks(
      {{"small_sample",
        {{"rrrc_rrfc_max", {{"status", "ok"}, {"estimate", -0.0481}, {"lower", -0.156}, {"upper", 0.06}, {"df", 2.13}, {"t", -1.9}, {"se", 0.025}, {"p", 0.204}}},
         {"permutation", {{"status", "not_estimable"}, {"code", "too_few_readers"}, {"reason", "3 readers cannot give a p below 0.25"}}}}},
       {"bootstrap",
        {{"readers_and_cases", {{"estimate", -0.0481}, {"percentile", {{"lower", -0.1}, {"upper", 0.01}}}, {"bca", {{"lower", -0.11}, {"upper", 0.012}}}}}}},
       {"leave_one_reader_out",
        {{"R1", {{"status", "ok"}, {"estimate", -0.02}, {"p", 0.6}}}, {"R2", {{"status", "ok"}, {"estimate", -0.07}, {"p", 0.1}}}}}})));
  CHECK(has(text, "The more careful of RRRC and RRFC"));
  CHECK(has(text, "0.204"));
  CHECK(has(text, "3 readers cannot give a p below 0.25"));
  CHECK(has(text, "BCa"));
  CHECK(has(text, "1.2"));   // 0.012 in percentage points
  CHECK_FALSE(has(text, "percentile"));
  CHECK(has(text, "7.0 to"));
  CHECK(has(text, "0.60"));
  CHECK_FALSE(has(text, "Ideal bootstrap"));
}

TEST_CASE("an ideal bootstrap that stands in for a negative variance says so", "[report]") {
  Json fallback{{"status", "ok"}, {"is_fallback", true}, {"estimate", 0.05}, {"lower", -0.1}, {"upper", 0.2}, {"df", 4.0}, {"t", 0.9}, {"se", 0.05}, {"p", 0.4}};
  const Json refused{{"status", "not_estimable"}, {"code", "negative_variance"}, {"reason", "the variance estimate is negative"}};
  const std::string text = test::text_of(methods_section(with_blocks({{"BDG", {{"difference", refused}, {"ideal_bootstrap", fallback}}}})));
  CHECK(has(text, "the variance estimate is negative"));
  CHECK(has(text, "Ideal bootstrap, as that variance is negative"));
  fallback["is_fallback"] = false;
  CHECK_FALSE(has(test::text_of(methods_section(with_blocks({{"BDG", {{"ideal_bootstrap", fallback}}}}))), "Ideal bootstrap"));
}

TEST_CASE("patients with several cases are named as the unit", "[report]") {
  ReportInput input;
  input.results = {{"cluster", {{"unit", "patient"}, {"n_patients", 57}, {"most_cases_of_a_patient", 4}}}};
  CHECK(has(test::text_of(methods_section(input)), "57 patients"));
  input.results["cluster"]["unit"] = "case";
  CHECK(has(test::text_of(methods_section(input)), "every case counts as a patient of its own"));
  input.results["cluster"]["has_patient_column"] = true;
  CHECK(has(test::text_of(methods_section(input)), "every patient has one case"));
  input.results.erase("cluster");
  CHECK(methods_section(input).empty());
}

}  // namespace rationale::study
