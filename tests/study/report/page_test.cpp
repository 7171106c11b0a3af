// The whole page: balanced, silent about what is not a number, the same twice, and safe with any
// name.
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/plot/svg.h"
#include "example.h"
#include "page_check.h"
#include "study/report/report_html.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

namespace rationale::study {

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void keep_for_looking(const std::string& name, const std::string& html) {
  if (const char* folder = std::getenv("RATIONALE_REPORT_PAGES")) {
    write_file(std::filesystem::path(folder) / (name + ".html"), html);
  }
}

}  // namespace

TEST_CASE("the golden study's page says the result, the caution and the sensitivity",
          "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  const ReportInput input = test::simulated_study(*folder);
  const std::string html = report_html(input);
  keep_for_looking("sim_cxr300_r3", html);
  test::check_page(html);
  const std::string text = test::text_of(html);
  CHECK(has(text, "SIMULATED DATA"));
  // The four answers (statistics.md, section 4): RRRC, FRRC, RRFC, randomisation.
  CHECK(has(text, "\u221215.6 to +6.0"));
  CHECK(has(text, "2.13"));
  CHECK(has(text, "0.204"));
  CHECK(has(text, "\u22128.5 to \u22121.1"));
  CHECK(has(text, "0.010"));
  CHECK(has(text, "\u221216.1 to +6.4"));
  CHECK(has(text, "0.207"));
  CHECK(has(text, "these 540 reading pairs only"));
  CHECK(has(text, "0.012"));
  CHECK(has(text, "ratio 0.72 (0.47 to 1.09"));
  CHECK(has(text, "One reader makes most of the fall"));
  CHECK(has(text, "R02: 18 of the 26 fewer false positives"));
  CHECK(has(text, "The area under the curve rose for each of the three readers"));
  CHECK(has(text, "Mean +0.048, 95\u00a0% interval \u22120.035 to +0.130"));
  CHECK(has(text, "17 of 97"));
  CHECK(has(text, "108 of 177"));
  CHECK(has(text, "92 false positives"));
  CHECK(has(text, "79 missed"));
  CHECK(has(text, "Confidence changed by +4.09 points"));
  CHECK(report_html(test::simulated_study(*folder)) == html);
}

TEST_CASE("the page follows results.json, number by number", "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  ReportInput input = test::simulated_study(*folder);
  auto results = input.results;
  auto& or_block = results["fpr"]["OR_unbiased"];
  or_block["RRRC"]["differences"]["visible - hidden"]["lower"] = -0.2468;
  or_block["RRFC"]["differences"]["visible - hidden"]["p"] = 0.5432;
  or_block["arm_mean"]["hidden"] = 0.98765;
  results["randomisation_fpr"]["p_two_sided"] = 0.7654;
  results["fpr"]["ratio_delta_method_RRRC"]["upper"] = 3.21;
  results["paired_t_over_readers"]["estimate"] = -5.4321;
  const std::string text = test::text_of(report_html(
      report_input(results, read_csv(*folder / "data/sim_cxr300_r3.csv"), ReportFacts{})));
  for (const char* number : {"\u221224.7 to +6.0", "0.543", "98.8\u00a0%", "0.765", "0.47 to 3.21",
                             "\u22125.43 points"}) {
    INFO(number);
    CHECK(has(text, number));
  }
  CHECK_FALSE(has(text, "\u221215.6"));
  CHECK_FALSE(has(text, "SIMULATED"));
  CHECK(has(text, "no locked plan"));
}

TEST_CASE("a page shows no false-positive rate without the sensitivity",
          "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  for (const char* name : {"no_diseased", "one_reader", "separated_arm"}) {
    const std::string text = test::text_of(report_html(test::degenerate_study(*folder, name)));
    CHECK(has(text, "Beside it, always: sensitivity"));
  }
}

TEST_CASE("every degenerate study has a page with its verdict in words",
          "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 31);
  if (!folder) return;
  const auto all = nlohmann::ordered_json::parse(read_file(*folder / "expected/degenerate.json"));
  for (const auto& [name, verdict] : all.items()) {
    INFO(name);
    const std::string html = report_html(test::degenerate_study(*folder, name));
    keep_for_looking("degenerate_" + name, html);
    test::check_page(html);
    const std::string text = test::text_of(html);
    CHECK(has(text, "SYNTHETIC STUDY"));
    if (verdict["load"]["status"] != "ok") {
      CHECK(has(text, "could not be analysed: " + verdict["load"]["reason"].get<std::string>()));
      continue;
    }
    if (verdict["fpr"]["RRRC"].value("status", "") == "not_estimable") {
      CHECK(has(text, verdict["fpr"]["RRRC"]["reason"].get<std::string>()));
    }
  }
}

TEST_CASE("one arm has no difference to report", "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 2);
  if (!folder) return;
  for (const char* name : {"one_arm", "one_reader_one_arm"}) {
    const std::string text = test::text_of(report_html(test::degenerate_study(*folder, name)));
    CHECK(has(text, "there is no difference to report"));
    CHECK_FALSE(has(text, "Exact randomisation test"));
  }
}

TEST_CASE("pages hold for two to twenty readers", "[study][report]") {
  const std::size_t n = GENERATE(2u, 3u, 4u, 8u, 20u);
  const std::string html = report_html(test::many_readers(n));
  keep_for_looking("readers_" + std::to_string(n), html);
  test::check_page(html);
  CHECK(has(html, n < 10 ? "R0" + std::to_string(n) : "R" + std::to_string(n)));
}

TEST_CASE("names cannot leave their place", "[study][report]") {
  const std::string hostile = "<script>alert('x')</script>\"&<b onerror=1>";
  ReportInput input = test::many_readers(3);
  input.facts.title = hostile;
  input.facts.id = hostile;
  input.facts.treated.label = hostile;
  input.facts.treated.phrase = hostile;
  input.facts.control.label = hostile;
  input.facts.washout = hostile;
  input.facts.program = hostile;
  input.facts.case_many = hostile;
  input.readers[0].name = hostile;
  input.facts.flow = {{hostile, 3, {hostile, hostile}, {{2, hostile}}}};
  input.facts.digests = {{hostile, hostile}};
  input.facts.limits = {{hostile, hostile}};
  input.facts.examples = {{"data:image/png;base64,AAAA\" onload=\"x", hostile, hostile}};
  const std::string html = report_html(input);
  CHECK(test::unbalanced_tag(html).empty());
  CHECK_FALSE(has(html, "<script"));
  CHECK_FALSE(has(html, "<b onerror"));
  CHECK_FALSE(has(html, "\" onload="));
  CHECK(has(html, escape_markup(hostile)));
}

TEST_CASE("ratings beyond all bins give a page without a histogram", "[study][report]") {
  std::string csv = "reader,case,arm,truth,rating\n";
  for (int k = 0; k < 8; ++k) {
    for (const char* arm : {"hidden", "visible"}) csv += "A,c" + std::to_string(k) + "," + arm + (k < 4 ? ",0," : ",1,") + "999999999999999999999\n";
  }
  const ReportInput input = report_input({{"load", {{"status", "ok"}}}}, parse_csv(csv, "r.csv"), {});
  CHECK(input.histogram.edges.empty());
  test::check_page(report_html(input));
}

TEST_CASE("another analysis than Obuchowski and Rockette's that the protocol names is said in the head", "[study][report][golden]") {
  const auto folder = test::shared("golden/statistics", 1);
  if (!folder) return;
  ReportInput input = test::simulated_study(*folder);
  CHECK_FALSE(has(test::text_of(report_html(input)), "The analysis that the protocol names"));
  const nlohmann::ordered_json outcome{{"status", "ok"}, {"estimate", -0.3512}, {"se", 0.2}, {"z", -1.756}, {"p", 0.0791}, {"lower", -0.7432},
                                       {"upper", 0.0408}, {"scale", "log_odds"}};
  input.results["endpoint"] = {{"metric", "fpr"}, {"method", "glmm"}, {"small_sample", "none"}, {"result", outcome}};
  std::string html = report_html(input);
  test::check_page(html);
  CHECK(has(test::text_of(html), "The analysis that the protocol names, mixed model: \u22120.351 (log odds ratio), 95\u00a0% interval \u22120.743 to +0.041, p = 0.079. It decides"));
  CHECK(has(test::text_of(html), "The protocol names another analysis than these rows"));
  input.results["endpoint"] = {{"metric", "fpr"}, {"method", "bootstrap"}, {"small_sample", "none"},
                               {"result", {{"status", "not_estimable"}, {"code", "not_supported"}, {"reason", "no test"}}}};
  CHECK(has(test::text_of(report_html(input)), "no test"));
}

TEST_CASE("the flow says what was left out and why, in the picture and in its table", "[study][report]") {
  ReportInput input = test::many_readers(2);
  input.facts.flow = {{"Allocated", 600, {"hidden 300 \u00b7 visible 300"}, {}},
                      {"Started", 598, {}, {{2, "case not reached"}}},
                      {"Analysed", 590, {}, {{7, "not assessable, the reader said"}, {1, "given up: film broken"}}}};
  const std::string html = report_html(input), text = test::text_of(html);
  test::check_page(html);
  for (const char* words : {"Flow: what was read, and what was left out", "Allocated: 600 readings", "2: case not reached",
                            "left out, 7 readings: not assessable, the reader said; left out, 1 reading: given up: film broken", "The flow in numbers"}) {
    INFO(words);
    CHECK(has(text, words));
  }
  CHECK(has(html, "<tr><th scope=\"row\" class=\"flag\">left out</th><td class=\"n\">7</td>"));
}

TEST_CASE("a readings file alone gives a flow from possible to analysed readings", "[study][report]") {
  std::string csv = "reader,case,arm,truth,rating,positive,not_assessable,period\n";
  for (const char* reader : {"A", "B"}) {
    for (int k = 0; k < 6; ++k) {
      for (int arm = 0; arm < 2; ++arm) {
        if (k == 5 && arm == 1) continue;  // never read
        const bool is_lost = k == 4 && arm == 0, is_empty = k == 3 && arm == 0 && *reader == 'A';
        csv += std::string(reader) + ",c" + std::to_string(k) + (arm == 0 ? ",hidden," : ",visible,") + (k % 2 == 0 ? "0," : "1,") +
               (is_lost || is_empty ? ",," : "1,1,") + (is_lost ? "1," : "0,") + std::to_string(arm + 1) + "\n";
      }
    }
  }
  const ReportInput input = report_input({{"load", {{"status", "ok"}}}, {"fpr", {{"counts", {{"A", {}}, {"B", {}}}}}}}, parse_csv(csv, "r.csv"), {});
  const auto& flow = input.facts.flow;
  REQUIRE(flow.size() == 4);
  CHECK(*flow[1].n == 24);
  CHECK(*flow[2].n == 22);
  REQUIRE(flow[2].losses.size() == 1);
  CHECK(flow[2].losses[0].n == 2);
  CHECK(*flow[3].n == 19);
  REQUIRE(flow[3].losses.size() == 2);
  CHECK(flow[3].losses[0].n == 2);
  CHECK(flow[3].losses[1].n == 1);
  CHECK(flow[3].lines[0] == "hidden 9 \u00b7 visible 10");
  CHECK(flow[2].lines[0] == "period 1: hidden 12");
}

TEST_CASE("a page fetches no example picture", "[study][report]") {
  ReportInput input = test::many_readers(2);
  input.facts.examples = {{"https://example.org/film.png", "", ""}};
  CHECK_THROWS_AS(report_html(input), Error);
}

TEST_CASE("readings without calls, confidence, time and AI have a page that says what is missing",
          "[study][report]") {
  const auto results = nlohmann::ordered_json::parse(R"({"load": {"status": "ok"},
    "auc": {"values": {"A": {"hidden": 0.75, "visible": 1.0}, "B": {"hidden": 0.5, "visible": 0.5}},
            "RRRC": {"status": "ok", "estimate": 0.125, "lower": -0.3, "upper": 0.55, "df": 1.5, "t": 1, "p": 0.4, "se": 0.1}},
    "fpr": {"status": "not_estimable", "code": "no_threshold", "reason": "no threshold makes a call positive"},
    "sensitivity": {"status": "not_estimable", "code": "no_threshold", "reason": "no threshold makes a call positive"}})");
  const CsvTable readings = parse_csv(
      "reader,case,arm,truth,rating\n"
      "A,1,hidden,0,1\nA,2,hidden,1,2\nA,1,visible,0,1\nA,2,visible,1,4\n"
      "B,1,hidden,0,3\nB,2,hidden,1,3\nB,1,visible,0,3\nB,2,visible,1,3\n",
      "readings.csv");
  ReportFacts facts;
  facts.id = "MIN";
  facts.primary = "auc";
  const std::string html = report_html(report_input(results, readings, facts));
  keep_for_looking("minimal", html);
  test::check_page(html);
  const std::string text = test::text_of(html);
  CHECK(has(text, "no threshold makes a call positive"));
  CHECK(has(text, "not recorded in this file"));
  CHECK(has(text, "two readers do not support a claim about readers in general"));
}

}  // namespace rationale::study
