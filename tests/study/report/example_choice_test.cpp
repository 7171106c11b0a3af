#include "study/report/example_choice.h"

#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

/// One line a reader and case: answers hidden and visible as two digits, '-' for none.
CsvTable readings(const std::vector<std::array<std::string, 4>>& pairs) {
  std::string csv = "reader,case,arm,truth,rating,positive\n";
  for (const auto& [reader, id, truth, answers] : pairs) {
    for (const std::size_t i : {0U, 1U}) {
      const std::string positive = answers[i] == '-' ? std::string() : answers.substr(i, 1);
      csv += csv_line({reader, id, std::string(i == 0 ? "hidden" : "visible"), truth, positive, positive});
    }
  }
  return parse_csv(csv, "readings.csv");
}

}  // namespace

TEST_CASE("examples are the cases at which most readers changed", "[study][report]") {
  const auto chosen = choose_examples(
      readings({{"r1", "n1", "0", "10"}, {"r2", "n1", "0", "00"}, {"r1", "n2", "0", "10"}, {"r2", "n2", "0", "10"},
                {"r1", "n3", "0", "01"}, {"r1", "d1", "1", "10"}, {"r2", "d1", "1", "01"}}),
      "hidden", "visible");
  REQUIRE(chosen.size() == 4);
  CHECK(chosen[0].id == "n2");  // two readers against n1's one
  CHECK(chosen[0].is_for_the_better);
  CHECK(chosen[0].n_changed == 2);
  CHECK(chosen[0].n_positive_control == 2);
  CHECK(chosen[0].n_positive_treated == 0);
  CHECK(chosen[1].id == "n3");
  CHECK_FALSE(chosen[1].is_for_the_better);
  CHECK(chosen[2].id == "d1");  // one reader for the better, another for the worse: both are said
  CHECK(chosen[2].is_for_the_better);
  CHECK(chosen[3].id == "d1");
  CHECK(chosen[3].is_diseased);
  CHECK(chosen[3].n_readers == 2);
}

TEST_CASE("a case that nobody changed at is no example", "[study][report]") {
  CHECK(choose_examples(readings({{"r1", "n1", "0", "00"}, {"r1", "d1", "1", "11"}}), "hidden", "visible").empty());
}

TEST_CASE("a reading without its pair does not count as a change", "[study][report]") {
  CHECK(choose_examples(readings({{"r1", "n1", "0", "1-"}, {"r1", "d1", "1", "-1"}}), "hidden", "visible").empty());
}

TEST_CASE("ties between example cases go by name", "[study][report]") {
  const auto chosen = choose_examples(
      readings({{"r1", "n2", "0", "10"}, {"r1", "n1", "0", "10"}}), "hidden", "visible");
  REQUIRE(chosen.size() == 1);
  CHECK(chosen[0].id == "n1");
}
