// The whole path on phantoms and the sample models, through the program that a user runs.
#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "data/base/file.h"
#include "data/cases/cases.h"
#include "data/records/explanations.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

namespace {

using nlohmann::json;

/// stdout and exit code of `rationale WORDS`.
rationale::test::Answer rationale_says(const std::string& words) { return rationale::test::run_driver(words); }

std::string model(const std::string& name) {
  return fmt::format("{}/data/samples/models/{}.toml", RATIONALE_SOURCE_DIR, name);
}

/// Concept films of the demo's size, imported once for all cases of this file.
const std::filesystem::path& phantoms() {
  static const rationale::TemporaryFolder folder;
  static const bool is_made = [] {
    const std::string path = folder.path().string();
    rationale_says(fmt::format("samples --seed 11 --count 300 --set concept --out {}/concept", path));
    rationale_says(fmt::format("samples --seed 12 --count 24 --out {}/films", path));
    rationale_says(fmt::format("concepts import {}/concept/concepts.csv --library {}/library.db", path,
                               path));
    return true;
  }();
  static_cast<void>(is_made);
  return folder.path();
}

std::set<std::string> used_concepts(const json& judged) {
  std::set<std::string> names;
  for (const json& row : judged.at("concepts")) {
    if (row.at("used").get<bool>()) names.insert(row.at("concept").get<std::string>());
  }
  return names;
}

}  // namespace

TEST_CASE("shortcuts of the sample models are found and named, the honest model is not accused",
          "[concepts][phantoms]") {
  const auto [name, shortcut] = GENERATE(std::pair<std::string, std::string>{"honest", ""},
                                         std::pair<std::string, std::string>{"shortcut-shoulder", "shoulder"},
                                         std::pair<std::string, std::string>{"shortcut-portable", "portable"},
                                         std::pair<std::string, std::string>{"rule", ""});
  INFO(name);
  const std::string folder = phantoms().string();
  const std::string common =
      fmt::format("--library {}/library.db --model {} --quiet --json", folder, model(name));
  REQUIRE(rationale_says(fmt::format("concepts train --cases {}/concept/cases.csv {}", folder, common))
              .code == 0);
  const rationale::test::Answer judged = rationale_says("concepts judge " + common);
  REQUIRE(judged.code == 0);
  const std::set<std::string> used = used_concepts(judged.json());
  CHECK(used.count("shoulder") == (shortcut == "shoulder" ? 1 : 0));
  CHECK(used.count("portable") == (shortcut == "portable" ? 1 : 0));
  CHECK(used.count("marker") == 0);
  CHECK(used.count("consolidation") == 1);

  const std::string out = fmt::format("{}/out-{}", folder, name);
  REQUIRE(rationale_says(fmt::format("explain --model {} --cases {}/films/cases.csv --out {} --concepts "
                                     "{}/library.db --quiet --json",
                                     model(name), folder, out, folder))
              .code == 0);
  int with_shortcut = 0;
  const auto store = rationale::ExplanationStore::open(std::filesystem::path(out) / "explanations.db");
  for (const rationale::Case& film : rationale::read_cases(phantoms() / "films" / "cases.csv")) {
    const json said = json::parse(store.concept_json(store.find_case(film.name).key, 0));
    double sum = said.at("reference").get<double>() + said.at("residual").get<double>();
    for (const json& part : said.at("contributions")) {
      sum += part.at("phi").get<double>();
      const std::string concept_name = part.at("concept");
      const bool is_confounder = concept_name == "shoulder" || concept_name == "portable";
      if (is_confounder && concept_name != shortcut) CHECK_FALSE(part.at("named").get<bool>());
      if (concept_name == shortcut && film.columns.at(shortcut) == "1") {
        ++with_shortcut;
        CHECK(part.at("named").get<bool>());
        CHECK(said.at("sentence").get<std::string>().find(shortcut) != std::string::npos);
      }
    }
    const double logit = said.at("logit");
    CHECK(std::abs(logit - sum) <= 1e-5 * std::max(1.0, std::abs(logit)));
  }
  CHECK((shortcut.empty() || with_shortcut > 3));
  // The command prints what the store has.
  const rationale::ExplainedCase first = store.cases().front();
  const rationale::test::Answer printed =
      rationale_says(fmt::format("sentence --explanations {} --case {} --json", out, first.name));
  REQUIRE(printed.code == 0);
  const json stored = json::parse(store.concept_json(first.key, 0));
  CHECK(printed.json().at("sentence") == stored.at("sentence"));
  CHECK(printed.json().at("contributions") == stored.at("contributions"));
}

TEST_CASE("each bank is judged with its own features and concepts", "[concepts][phantoms]") {
  const std::string folder = phantoms().string();
  const rationale::TemporaryFolder own;
  const std::string library = (own.path() / "l.db").string();
  const auto import_columns = [&](const std::string& columns) {
    REQUIRE(rationale_says(fmt::format("concepts import --from {}/concept/cases.csv --columns {} --library {}", folder,
                                       columns, library)).code == 0);
  };
  const std::string common = fmt::format("--library {} --model {} --quiet --json", library, model("honest"));
  const auto train = [&](const std::string& features) {
    REQUIRE(rationale_says(fmt::format("concepts train --cases {}/concept/cases.csv --layer block4 --features {} "
                                       "--resamples 4 --permutations 19 {}",
                                       folder, features, common)).code == 0);
  };
  import_columns("portable,shoulder");
  train("pooled");
  import_columns("marker");  // comes before the others, so that the columns move
  train("flat");
  const auto judge = [&](const std::string& words) {
    const rationale::test::Answer answer =
        rationale_says(fmt::format("concepts judge --cases {}/films/cases.csv {} {}", folder, words, common));
    REQUIRE(answer.code == 0);
    return answer.json();
  };
  const json both = judge(""), pooled = judge("--features pooled"), flat = judge("--features flat");
  CHECK(pooled["concepts"].size() == 2);
  CHECK(flat["concepts"].size() == 3);
  json alone = json::array();
  for (const json* one : {&pooled, &flat}) alone.insert(alone.end(), (*one)["concepts"].begin(), (*one)["concepts"].end());
  const auto in_order = [](json rows) {
    std::sort(rows.begin(), rows.end(), [](const json& a, const json& b) { return a.dump() < b.dump(); });
    return rows;
  };
  CHECK(in_order(both["concepts"]) == in_order(alone));
  CHECK(both["held_out"]["cases"] == 24);
  for (const json& row : both["concepts"]) CHECK(row["auc_held_out"].is_number());
}

TEST_CASE("what cannot be trained or judged ends with its code and message", "[concepts][refusal]") {
  const std::string folder = phantoms().string();
  const rationale::TemporaryFolder own;
  const std::string library = (own.path() / "l.db").string();
  const auto error_of = [](const rationale::test::Answer& answer) { return answer.json().at("error"); };
  const std::string cases = fmt::format("{}/concept/cases.csv", folder);

  SECTION("three examples of a concept") {
    rationale::write_file(own.path() / "few.csv",
                          "concept,case,label,annotator\nopacity,p11-0000,present,ann\n"
                          "opacity,p11-0001,absent,ann\nopacity,p11-0002,present,ann\n");
    REQUIRE(rationale_says(fmt::format("concepts import {}/few.csv --library {}", own.path().string(),
                                       library)).code == 0);
    const rationale::test::Answer answer = rationale_says(fmt::format(
        "concepts train --library {} --model {} --cases {} --quiet --json", library, model("honest"),
        cases));
    CHECK(answer.code == 4);
    CHECK(error_of(answer).at("code") == "too_few_examples");
    CHECK(error_of(answer).at("what") == "too few examples (opacity 2 with, 1 without)");
  }
  SECTION("a label that is no label") {
    rationale::write_file(own.path() / "bad.csv",
                          "concept,case,label,annotator\nopacity,p1,maybe,ann\n");
    const rationale::test::Answer answer = rationale_says(fmt::format(
        "concepts import {}/bad.csv --library {} --json", own.path().string(), library));
    CHECK(answer.code == 3);
    CHECK(error_of(answer).at("where").get<std::string>().find("bad.csv:2") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(library));
  }
  SECTION("no library, and a library without this model") {
    CHECK(rationale_says(fmt::format("concepts judge --library {} --model {} --json", library,
                                     model("honest"))).code == 3);
    REQUIRE(rationale_says(fmt::format("concepts import {}/concept/concepts.csv --library {}", folder,
                                       library)).code == 0);
    const rationale::test::Answer answer = rationale_says(
        fmt::format("concepts judge --library {} --model {} --json", library, model("honest")));
    CHECK(answer.code == 3);
    CHECK(error_of(answer).at("code") == "not_trained");
  }
  SECTION("an unknown concept has near names") {
    REQUIRE(rationale_says(fmt::format("concepts import {}/concept/concepts.csv --library {}", folder,
                                       library)).code == 0);
    const rationale::test::Answer answer =
        rationale_says(fmt::format("concepts show sholder --library {} --json", library));
    CHECK(answer.code == 2);
    CHECK(error_of(answer).at("remedy").get<std::string>().find("did you mean shoulder") == 0);
  }
}
