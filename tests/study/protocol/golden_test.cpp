// Every protocol of golden/study: codes, lines, paths and their order are those of the reference validator.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/protocol/check.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::json;

namespace {

/// "RS204@15 design.washout_days"
std::vector<std::string> words_of(const std::vector<Finding>& findings) {
  std::vector<std::string> words;
  for (const Finding& one : findings) {
    words.push_back(fmt::format("{}@{} {}", one.code, one.line, one.path));
  }
  return words;
}

std::vector<std::string> words_of(const Json& list) {
  std::vector<std::string> words;
  for (const Json& one : list) {
    words.push_back(fmt::format("{}@{} {}", one.at("code").get<std::string>(),
                                one.at("line").get<int>(), one.at("path").get<std::string>()));
  }
  return words;
}

}  // namespace

TEST_CASE("every broken protocol of the golden set is refused where it is broken",
          "[study][protocol]") {
  const auto folder = test::shared("golden/study/invalid", 58);
  if (!folder) return;
  const Json expected = Json::parse(read_file(*folder / "expected.json"));
  CHECK(expected.size() == 58);
  for (const auto& [name, wanted] : expected.items()) {
    INFO(name);
    const ProtocolCheck check = check_protocol(read_file(*folder / name));
    if (wanted.contains("errors")) {
      CHECK(words_of(check.errors) == words_of(wanted.at("errors")));
    } else {
      REQUIRE(!check.errors.empty());
      const Finding& first = check.errors.front();
      CHECK(first.code == wanted.at("code").get<std::string>());
      CHECK(first.path == wanted.at("path").get<std::string>());
      CHECK(std::abs(first.line - wanted.at("line").get<int>()) <=
            wanted.at("line_tolerance").get<int>());
      CHECK(check.errors.size() == 1);
    }
    for (const Finding& one : check.errors) CHECK(one.message.size() > 10);
  }
}

TEST_CASE("every valid protocol of the golden set passes with its warnings", "[study][protocol]") {
  const auto folder = test::shared("golden/study/valid", 4);
  if (!folder) return;
  const Json expected = Json::parse(read_file(*folder / "expected.json"));
  for (const auto& [name, wanted] : expected.items()) {
    INFO(name);
    const ProtocolCheck check = check_protocol(read_file(*folder / name));
    CHECK(words_of(check.errors) == words_of(wanted.at("errors")));
    CHECK(words_of(check.warnings) == words_of(wanted.at("warnings")));
  }
}

TEST_CASE("a valid protocol reads as what it says", "[study][protocol]") {
  const auto file = test::shared("golden/study/valid/a-crossover-heatmap.toml", 1);
  if (!file) return;
  const Protocol p = parse_protocol(read_file(*file), "a.toml");
  CHECK(p.study.id == "cxr-heatmap-01");
  CHECK(p.design.kind == DesignKind::kCrossover);
  CHECK(p.design.arms == std::vector<std::string>{"hidden", "visible"});
  CHECK(p.design.repeats == 12);
  CHECK(p.endpoint.metric == Metric::kFpr);
  CHECK(p.endpoint.treated == "visible");
  CHECK(p.endpoint.control == "hidden");
  CHECK(p.endpoint.readers == Readers::kFixed);
  CHECK(p.endpoint.min_effect == -0.05);
  CHECK(p.secondary.size() == 2);
  CHECK(p.secondary[1].metric == Metric::kTime);
  CHECK(p.find_arm("visible")->shows_what("heatmap"));
  CHECK_FALSE(p.find_arm("hidden")->shows_what("heatmap"));
  CHECK(p.find_question("finding")->levels == std::vector<std::string>{"no", "yes"});
  CHECK(p.find_question("finding")->keys == std::vector<std::string>{"f", "j"});
  CHECK(p.find_question("likelihood")->unit == "%");
  CHECK(p.cases.count == 300);
  CHECK(p.truth.positive == "1");
  CHECK(p.ai->threshold == 0.5);
  CHECK(p.readers.size() == 3);
  CHECK(p.find_reader("r2")->years == 4);
  CHECK(p.session.max_readings == 60);
  CHECK(p.blinding.threshold == 2);
  CHECK(p.flags.at(0).key == "x");
  CHECK(p.sha256.size() == 64);
  // Defaults.
  CHECK(p.display.bits == 8);
  CHECK(p.session.undo == UndoRule::kUntilConfirm);
  CHECK(p.blinding.coordinator);
  CHECK(p.signatures.roles == std::vector<std::string>{"principal_investigator"});
}

TEST_CASE("a broken protocol is refused with file, line and how many more", "[study][protocol]") {
  const auto file = test::shared("golden/study/invalid/56-multi-structure.toml", 1);
  if (!file) return;
  try {
    static_cast<void>(parse_protocol(read_file(*file), "p.toml"));
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK(error.where.starts_with("p.toml:"));
    CHECK(error.remedy.find("more that `rationale study check` lists") != std::string::npos);
  }
}

TEST_CASE("no bytes of a protocol make the check throw or crash", "[study][protocol]") {
  const auto file = test::shared("golden/study/valid/c-splitplot-sham.toml", 1);
  if (!file) return;
  const std::string good = read_file(*file);
  std::uint64_t state = 1;
  const auto next = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
  };
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good;
    for (std::uint64_t k = 1 + next(4); k > 0; --k) {
      bytes[next(bytes.size())] = static_cast<char>(next(256));
    }
    refused += check_protocol(bytes).errors.empty() ? 0 : 1;
  }
  CHECK(refused > 1000);
}

TEST_CASE("a misspelt key is answered with the right one", "[study][protocol]") {
  const auto file = test::shared("golden/study/invalid/05-unknown-key.toml", 1);
  if (!file) return;
  const ProtocolCheck check = check_protocol(read_file(*file));
  CHECK(check.errors.at(0).message.find("\"washout_days\"") != std::string::npos);
}
