// `rationale analyse` and `rationale bench statistics` as they are typed.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"
#include "tests/ui/display.h"

using namespace rationale;
using Json = nlohmann::json;

namespace {

test::Ran run(const std::string& arguments) {
  return test::run_shell(fmt::format("{} {} --quiet", RATIONALE_DRIVER, arguments));
}

}  // namespace

TEST_CASE("three arms give an analysis over all and one of each pair", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/kundel.csv", 1);
  if (!file) return;
  const test::Ran ran = run(fmt::format("analyse {} --arms 1,2,3 --positive-at 4 --json", file->string()));
  REQUIRE(ran.status == 0);
  const Json results = Json::parse(ran.output);
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity"}) {
    const Json& block = results.at(metric);
    REQUIRE(block.at("pairs").size() == 3);
    // Arms 2 and 3 share their cases: what their own study says.
    const test::Ran pair = run(fmt::format("analyse {} --arms 2,3 --positive-at 4 --json", file->string()));
    REQUIRE(pair.status == 0);
    CHECK(block.at("pairs").at("3 - 2").at("RRRC") == Json::parse(pair.output).at(metric).at("RRRC"));
  }
  const Json& overall = results.at("auc").at("OR").at("unbiased").at("RRRC");
  CHECK(overall.at("differences").size() == 3);
  CHECK(overall.at("df1") == 2);
  for (const char* analysis : {"RRRC", "FRRC", "RRFC"}) {
    const Json& first = results.at("auc").at("OR").at("unbiased").at(analysis).at("differences").at("2 - 1");
    CHECK(results.at("auc").at(analysis).at("se").get<double>() == Approx(first.at("se").get<double>()).epsilon(1e-12));
  }
}

TEST_CASE("the report of three arms is about the last against the first", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/kundel.csv", 1);
  if (!file) return;
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const test::Ran ran = run(fmt::format("analyse {} --arms 1,2,3 --positive-at 4 --replicates 0 --out {}", file->string(), out));
  REQUIRE(ran.status == 0);
  CHECK(ran.output.find("3 - 1 (RRRC)") != std::string::npos);
  const Json results = Json::parse(read_file(folder.path() / "out" / "results.json"));
  const Json& contrast = results.at("contrast");
  for (const char* metric : {"auc", "fpr", "sensitivity"}) {
    CHECK(contrast.at(metric).at("difference") == "3 - 1");
    CHECK(contrast.at(metric).at("RRRC") == results.at(metric).at("pairs").at("3 - 1").at("RRRC"));
  }
  const std::string page = read_file(folder.path() / "out" / "report.html");
  CHECK(page.find("Every pair of arms") != std::string::npos);
  CHECK(page.find("results.json compares") == std::string::npos);
}

TEST_CASE("arms named beside a protocol must hold its contrast", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const std::string protocol = (std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols/crossover.toml").string();
  CHECK(run(fmt::format("analyse {} --protocol {} --arms visible,hidden", file->string(), protocol)).status == 2);
  CHECK(run(fmt::format("analyse {} --protocol {} --arms hidden,visible --replicates 0", file->string(), protocol)).status == 0);
}

TEST_CASE("readings must name patients where the protocol's manifest repeats them", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  const TemporaryFolder folder;
  write_file(folder.path() / "protocol.toml", read_file(std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols/crossover.toml"));
  const std::string command = fmt::format("analyse {} --protocol {} --replicates 0", file->string(), (folder.path() / "protocol.toml").string());
  CHECK(run(command).status == 0);  // no manifest here
  std::filesystem::create_directory(folder.path() / "data");
  write_file(folder.path() / "data" / "cases.csv", "case,file,patient\nC1,a.dcm,P1\nC2,b.dcm,P2\nC3,c.dcm,\nC4,d.dcm,\n");
  CHECK(run(command).status == 0);
  write_file(folder.path() / "data" / "cases.csv", "case,file,patient\nC1,a.dcm,P1\nC2,b.dcm,P2\nC3,c.dcm,P1\n");
  const test::Ran refused = test::run_shell(fmt::format("{} {} --quiet 2>&1", RATIONALE_DRIVER, command));
  CHECK(refused.status == 3);
  CHECK(refused.output.find("gives patient P1 several cases") != std::string::npos);
}

TEST_CASE("a protocol's small-sample method leads the answer", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr120_r8.csv", 1);
  if (!file) return;
  const TemporaryFolder folder;
  std::string protocol = read_file(std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols/crossover.toml");
  const std::string off = "# small_sample = \"none\"";
  REQUIRE(protocol.find(off) != std::string::npos);
  protocol.replace(protocol.find(off), off.size(), "small_sample = \"permutation\"");
  write_file(folder.path() / "protocol.toml", protocol);
  const std::string command =
      fmt::format("analyse {} --protocol {}", file->string(), (folder.path() / "protocol.toml").string());
  const test::Ran ran = run(command + " --json");
  REQUIRE(ran.status == 0);
  const Json results = Json::parse(ran.output);
  CHECK(results.at("endpoint").at("metric") == "fpr");
  CHECK(results.at("endpoint").at("small_sample") == "permutation");
  CHECK(results.at("endpoint").at("result") == results.at("fpr").at("small_sample").at("permutation"));
  const test::Ran table = run(command);
  CHECK(table.output.find("small-sample method permutation") != std::string::npos);
  CHECK(table.output.find("one reader left out") != std::string::npos);
  CHECK(table.output.find("(exact randomisation test)   p = 0.002") != std::string::npos);
}

TEST_CASE("an arm with a colon in its name keeps its rows of models", "[study][commands]") {
  const auto file = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!file) return;
  std::string csv = read_file(*file);
  for (const auto& [name, other] : {std::pair(std::string(",hidden,"), ",CAD:off,"), {",visible,", ",CAD:on,"}}) {
    for (std::size_t at = csv.find(name); at != std::string::npos; at = csv.find(name, at)) csv.replace(at, name.size(), other);
  }
  const TemporaryFolder folder;
  write_file(folder.path() / "colon.csv", csv);
  const std::string plain = run(fmt::format("analyse {} --replicates 0", file->string())).output;
  const std::string colon = run(fmt::format("analyse {} --replicates 0 --arms CAD:off,CAD:on", (folder.path() / "colon.csv").string())).output;
  const auto models = [](const std::string& text) { return text.substr(text.find("Log odds ratio"), 300); };
  CHECK(models(colon) == models(plain));
  CHECK(colon.find("mixed model, readers react differently") != std::string::npos);
}

TEST_CASE("a null simulation gives a table of rejections with errors", "[study][commands]") {
  const test::Ran ran = run("bench statistics --null --replicates 100 --json");
  REQUIRE(ran.status == 0);
  const Json table = Json::parse(ran.output).at("table");
  REQUIRE(table.size() == 72);
  for (const Json& row : table) {
    CHECK(row.at("tests").size() == (row.at("J") >= 10 ? 11 : 10));
    for (const Json& one : row.at("tests")) CHECK(one.at("standard_error") >= 0);
    CHECK(row.at("effect").at("power_by_formula").get<double>() == Approx(0.8).epsilon(1e-9));
  }
}

TEST_CASE("a stopped null simulation goes on where it was and ends with the same page", "[study][commands]") {
  const TemporaryFolder folder;
  const auto whole = folder.path() / "whole.md", parts = folder.path() / "parts.md", store = folder.path() / "blocks.jsonl";
  const std::string command = "bench statistics --null --replicates 200 --seed 4";
  REQUIRE(run(fmt::format("{} --page {}", command, whole.string())).status == 0);
  REQUIRE(run(fmt::format("{} --store {}", command, store.string())).status == 0);
  std::string text = read_file(store);
  const auto second = text.find('\n', text.find('\n') + 1);
  write_file(store, text.substr(0, second + 40));  // one block, and the next cut short
  REQUIRE(run(fmt::format("{} --store {} --page {}", command, store.string(), parts.string())).status == 0);
  std::string page = read_file(parts), wanted = read_file(whole);
  page.replace(page.find("parts.md"), 8, "whole.md");
  CHECK(page == wanted);
  CHECK(read_file(store) == text);
  CHECK(run(fmt::format("bench statistics --null --replicates 200 --seed 5 --store {}", store.string())).status == 4);
  CHECK(run("bench statistics --null --replicates 1500").status == 2);
}

TEST_CASE("SIGTERM ends a long analysis with 130", "[study][commands]") {
  const TemporaryFolder folder;
  std::string csv = "reader,case,arm,truth,rating,positive\n";
  for (int k = 0; k < 600; ++k) {
    for (int cell = 0; cell < 20; ++cell) {
      const int rating = (k * 7 + cell * 13 + k * cell) % 11;
      csv += fmt::format("R{},c{},{},{},{},{}\n", cell / 2, k, cell % 2 == 0 ? "hidden" : "visible", k % 2, rating, rating > 5 ? 1 : 0);
    }
  }
  write_file(folder.path() / "long.csv", csv);
  // So many resamples take a quarter of a minute at least: it is at work when the signal comes.
  const test::Ran ran = test::run_shell(fmt::format("timeout --preserve-status -s TERM 1 {} analyse {} --replicates 1000000 --quiet", RATIONALE_DRIVER,
                                                    (folder.path() / "long.csv").string()));
  CHECK(ran.status == 130);
}

TEST_CASE("the bench of statistics times each part", "[study][commands]") {
  const test::Ran ran = run("bench statistics --readers 3 --cases 50 --rounds 1 --no-peers --json");
  REQUIRE(ran.status == 0);
  const Json bench = Json::parse(ran.output);
  CHECK(bench.at("goal_ms") == 300);
  int n_goals = 0;
  for (const Json& row : bench.at("rows")) {
    CHECK(row.at("median_ms") > 0);
    n_goals += row.contains("within_goal") ? 1 : 0;
  }
  CHECK(n_goals == 5);
  CHECK_FALSE(bench.contains("peers"));
  CHECK(run("bench nothing --json").status == 2);
}

TEST_CASE("the bench of statistics holds its numbers against R's, or says what is not installed", "[study][commands]") {
  const test::Ran ran = run("bench statistics --readers 4 --cases 150 --rounds 1 --json");
  REQUIRE(ran.status == 0);
  const Json peers = Json::parse(ran.output).at("peers");
  CHECK((peers.at("rows").size() == 5) == peers.at("missing").empty());
  for (const Json& row : peers.at("rows")) {
    INFO(row.dump());
    CHECK(row.at("agrees") == true);
    CHECK(row.at("values").get<int>() > 2);
    CHECK(row.at("ratio") > 0);
  }
}
