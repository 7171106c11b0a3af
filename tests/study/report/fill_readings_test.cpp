// The readings behind the pictures: calls as the statistics take them.
#include <nlohmann/json.hpp>

#include "study/report/report_html.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

TEST_CASE("calls written as 1.0 and 0.0 are calls on the page, too", "[study][report]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  CsvTable table = read_csv(*folder / "data/sim_cxr300_r3.csv");
  const Json results = study_results(load_readings(table, {}), {.replicates = 0});
  const std::string before = report_html(report_input(results, table, {}));
  for (CsvRow& row : table.rows) {
    row.cells[table.need("positive")] += ".0";
    row.cells[table.need("ai_positive")] += ".0";
  }
  const std::string after = report_html(report_input(study_results(load_readings(table, {}), {.replicates = 0}), table, {}));
  CHECK(after == before);
}

TEST_CASE("calls that count without a rating count on the page", "[study][report]") {
  const CsvTable table = parse_csv("reader,case,arm,truth,rating,positive\nA,1,hidden,0,,0\nA,1,visible,0,3,1\nA,2,hidden,1,2,1\nA,2,visible,1,,\n", "r.csv");
  const auto page = [&](const Json& load) { return report_input({{"load", load}}, table, {}); };
  const ReportInput without = page({{"status", "ok"}}), with = page({{"status", "ok"}, {"calls_without_rating", "negative"}});
  CHECK(without.n_missing == 2);
  CHECK(with.n_missing == 1);
  REQUIRE(with.readers.size() == 1);
  CHECK_FALSE(without.readers[0].fp_control);
  REQUIRE(with.readers[0].fp_control);
  CHECK(with.readers[0].fp_control->n == 1);
}

}  // namespace rationale::study
