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

TEST_CASE("a null simulation gives a table of rejections with errors", "[study][commands]") {
  const test::Ran ran = run("bench statistics --null --replicates 100 --json");
  REQUIRE(ran.status == 0);
  const Json table = Json::parse(ran.output).at("table");
  REQUIRE(table.size() == 9);
  for (const Json& row : table) {
    CHECK(row.at("tests").size() == (row.at("J") == 10 ? 9 : 8));
    for (const Json& one : row.at("tests")) CHECK(one.at("standard_error") >= 0);
  }
}

TEST_CASE("the bench of statistics times each part", "[study][commands]") {
  const test::Ran ran = run("bench statistics --readers 3 --cases 50 --rounds 1 --json");
  REQUIRE(ran.status == 0);
  const Json bench = Json::parse(ran.output);
  CHECK(bench.at("goal_ms") == 300);
  for (const Json& row : bench.at("rows")) CHECK(row.at("median_ms") > 0);
  CHECK(run("bench nothing --json").status == 2);
}
