// Calibration and agreement on the page.
#include "example.h"
#include "study/report/sections.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("calibration is drawn, and agreement has ICC and Kendall's W", "[study][report]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = test::simulated_study(*folder);
  const std::string html = further_section(input), text = test::text_of(html);
  CHECK(has(html, "hidden, 185 readings: stated 2.8\u00a0%, diseased 3.8\u00a0%"));  // golden bins
  CHECK(has(text, "Kendall W"));
  CHECK(has(text, "0.738"));  // golden W of the hidden arm
  CHECK(has(text, "ICC(2,1)"));
  CHECK_FALSE(has(further_section(test::many_readers(2)), "Did confidence say"));
}

}  // namespace rationale::study
