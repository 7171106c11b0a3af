// What the page says of readings that are not there.
#include <nlohmann/json.hpp>

#include "example.h"
#include "study/report/checklists.h"
#include "study/report/sections.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string stard_answer(const ReportInput& input) {
  const std::vector<Checklist> lists = checklists(input);  // STARD-AI is the first
  for (const ChecklistItem& item : lists.front().items) {
    if (item.topic == "What was done with missing and indeterminate results") return item.answer;
  }
  return {};
}

}  // namespace

TEST_CASE("a file with absent rows is not said to miss nothing", "[study][report][missing]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const CsvTable table = read_csv(*folder / "data/missing_r5.csv");
  const ReportInput input = report_input(study_results(load_readings(table, {}), {.replicates = 0}), table, {});
  CHECK(input.n_not_in_file == 900 - table.rows.size());
  const std::string answer = stard_answer(input);
  CHECK(has(answer, "58 of a fully crossed study are not in the file"));
  CHECK(has(answer, "bounds and tipping point given"));
  CHECK(has(test::text_of(robustness_section(input)), "readings are missing: what they could have changed"));
  // Without a threshold there are no bounds, and none are said to be there.
  CsvTable areas = parse_csv("reader,case,arm,truth,rating\nA,1,hidden,0,1\nA,1,visible,0,\nA,2,hidden,1,2\nA,2,visible,1,3\nB,1,hidden,0,1\nB,1,visible,0,2\n"
                             "B,2,hidden,1,2\nB,2,visible,1,2\n", "r.csv");
  const ReportInput none = report_input(study_results(load_readings(areas, {}), {.replicates = 0}), areas, {});
  const std::string said = stard_answer(none);
  CHECK(has(said, "1 reading without a rating"));
  CHECK_FALSE(has(said, "bounds"));
  CHECK(has(test::text_of(robustness_section(none)), "what counts as positive is not said"));
}

}  // namespace rationale::study
