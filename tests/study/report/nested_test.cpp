// Different readers in each arm: the page compares them, says so, and never gives an empty reason.
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/plot/number_text.h"
#include "example.h"
#include "page_check.h"
#include "study/report/report_html.h"
#include "study/report/words.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The readings of a golden study that are left when each reader keeps one arm: the first readers the control.
ReportInput nested_study(const std::filesystem::path& folder, const std::string& name, int n_control, const ReportArm& control, const ReportArm& treated,
                         std::optional<double> positive_at) {
  CsvTable table = read_csv(folder / "data" / (name + ".csv"));
  const std::size_t reader = table.need("reader"), arm = table.need("arm");
  std::erase_if(table.rows, [&](const CsvRow& row) {
    const std::string& id = row.cells[reader];
    const bool is_control = std::stoi(id.starts_with("R") ? id.substr(1) : id) <= n_control;
    return row.cells[arm] != (is_control ? control.id : treated.id);
  });
  ReportFacts facts;
  facts.id = "NESTED";
  facts.title = "Different readers in each arm";
  facts.control = control;
  facts.treated = treated;
  facts.positive_at = positive_at;
  return report_input(study_results(load_readings(table, {.arms = {control.id, treated.id}, .positive_at = positive_at, .columns = {}}), {}), table, facts);
}

}  // namespace

TEST_CASE("readers nested in arms are compared in words, numbers and pictures", "[study][report][nested][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = nested_study(*folder, "vandyke", 2, {"1", "", ""}, {"2", "", ""}, 4);
  CHECK(input.is_nested);
  CHECK(input.n_readers_control == 2);
  CHECK(input.n_readers_treated == 3);
  CHECK(input.n_not_in_file == 0);
  const std::string html = report_html(input), text = test::text_of(html);
  test::check_page(html);
  // nested.h on these data: the means of 2 and 3 readers.
  CHECK(*input.fpr.control == Approx(6.0 / 138));
  CHECK(*input.fpr.treated == Approx(5.0 / 207));
  CHECK(has(text, "In arm \u201c2\u201d three readers called fewer normal films positive, 2.4\u00a0%, against 4.3\u00a0% of two others in arm \u201c1\u201d, "
                  "a difference of \u22121.9 percentage points, but five readers do not support a claim about readers in general: for readers and films "
                  "like these the 95\u00a0% interval is \u221211.6 to +7.7 (t, df 3.33, p = 0.585). Different readers are compared."));
  CHECK(has(text, "Sensitivity was higher: in arm \u201c2\u201d 81.5\u00a0%, against 76.7\u00a0% of two others in arm \u201c1\u201d, +4.8 percentage points"));
  CHECK(has(text, "Nobody read in both arms: two in arm \u201c1\u201d, three in arm \u201c2\u201d"));
  CHECK(has(text, "df: Hillis, readers nested in arms"));
  CHECK(has(text, "Relative change \u221244\u00a0%, ratio 0.56 ("));
  CHECK(has(text, "False-positive rate of each reader, in the reader\u2019s arm"));
  CHECK(has(text, "3: 7.2\u00a0% 2"));  // the picture in words: reader 3 in arm 2
  CHECK(has(text, "not read"));
  CHECK_FALSE(has(text, "not read in both arms"));
  // The more careful answer takes p from one analysis and the interval from another, and says so.
  CHECK(has(text, "The more careful of RRRC and RRFC: p and df of RRRC, interval of RRFC"));
}

TEST_CASE("confidence and time of nested readers are an unpaired comparison, with the mixed model beside it", "[study][report][nested][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = nested_study(*folder, "sim_cxr120_r8", 4, {"hidden", "", ""}, {"visible", "", ""}, std::nullopt);
  const PrintedEstimate& change = input.confidence.difference;
  REQUIRE(change.is_estimable);
  CHECK(*change.df == Approx(6));
  // The pooled t of eight reader means by hand, from the readings.
  const auto& values = input.confidence.readers;
  REQUIRE(values.size() == 8);
  double mean[2] = {0, 0}, squares = 0;
  for (const ReaderPair& one : values) mean[one.control ? 0 : 1] += (one.control ? *one.control : *one.treated) / 4;
  for (const ReaderPair& one : values) squares += std::pow((one.control ? *one.control - mean[0] : *one.treated - mean[1]), 2);
  CHECK(*change.value == Approx(mean[1] - mean[0]).epsilon(1e-12));
  CHECK(change.se == Approx(std::sqrt(squares / 6 * (1.0 / 4 + 1.0 / 4))).epsilon(1e-10));
  // In balanced data the model with readers at their own level is that test.
  REQUIRE(input.confidence.model.is_estimable);
  CHECK(*input.confidence.model.df == Approx(6).epsilon(1e-3));
  const std::string html = report_html(input), text = test::text_of(html);
  test::check_page(html);
  CHECK(has(text, "Confidence differed by " + signed_text(*change.value, 2) + " points"));
  CHECK(has(text, "unpaired t on reader means, df 6.00"));
  CHECK(has(text, "with readers at their own level"));
  CHECK(has(text, "Reading time differed by"));
  CHECK_FALSE(has(text, "all readers react alike"));
}

TEST_CASE("one reader in each arm has means and a reason", "[study][report][nested][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  CsvTable table = read_csv(*folder / "data/sim_cxr300_r3.csv");
  std::erase_if(table.rows, [&](const CsvRow& row) {
    return !((row.cells[0] == "R01" && row.cells[2] == "hidden") || (row.cells[0] == "R02" && row.cells[2] == "visible"));
  });
  const ReportInput input = report_input(study_results(load_readings(table, {}), {.replicates = 0}), table, {});
  const std::string html = report_html(input), text = test::text_of(html);
  test::check_page(html);
  CHECK(has(text, "one reader called more normal films positive, 18.3\u00a0%, against 13.9\u00a0% of another reader"));
  CHECK(has(text, "every arm has one reader: readers and arms cannot be told apart"));
}

TEST_CASE("a comparison that results.json cannot make has a reason even where it gives none", "[study][report]") {
  MetricResult metric;
  metric.rrrc.is_estimable = true;
  CHECK_FALSE(metric.why_not().empty());
  ReportInput input = test::many_readers(3);
  input.sensitivity = {};
  input.fpr.control.reset();
  input.fpr.rrrc.is_estimable = true;
  for (const std::string& sentence : {result_sentence(input, "fpr"), sensitivity_sentence(input)}) {
    CHECK(has(sentence, "be compared</b>: <span class=\"ne\">"));
    CHECK_FALSE(has(sentence, "<span class=\"ne\"></span>"));
  }
}

}  // namespace rationale::study
