// library.db and the tables that fill it.
#include "data/records/concept_library.h"

#include <fmt/format.h>

#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/concepts_csv.h"
#include "data/records/sqlite.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

std::string with_header(const char* rows) {
  std::string text("concept,case,label,annotator,x,y,w,h\n");
  return text.append(rows);
}

std::string refusal(const std::filesystem::path& folder, const char* rows) {
  write_file(folder / "concepts.csv", with_header(rows));
  try {
    read_concepts_csv(folder / "concepts.csv");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    return fmt::format("{}: {}", std::filesystem::path(error.where).filename().string(),
                       error.what());
  }
  return "accepted";
}

StoredBank bank_of(const std::string& concept_name) {
  StoredBank bank;
  bank.key = {std::string(64, 'a'), std::string(64, 'b'), "layer4", "rationale", "pooled"};
  bank.model_name = std::string("model");
  bank.activation_shape = {2, 3, 3};
  bank.seed = 0xffffffffffffffff;
  bank.strata = {"view"};
  bank.rows = {{"c1", "p1", std::string(64, 'c'), 4}};
  bank.concepts = {{concept_name, 1, true, R"({"auc":0.9})"}};
  bank.evidence = {{0, "pneumonia", 0, "suggestive", R"({"rows":[]})"}};
  bank.arrays["filters"] = DoubleArray{{2, 1}, {0.1, -0.2}};
  bank.arrays["resamples"] = FloatArray{{1, 2}, {1.5f, 2.5f}};
  return bank;
}

}  // namespace

TEST_CASE("annotations are read with their regions", "[concepts][import]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "c.csv",
             with_header("opacity,c1,present,ann,1,2,3,4\nopacity,c1,present,ann,5,6,7,8\n"
                         "opacity,c1,absent,bo,,,,\nmarker,c1,uncertain,ann,,,,\n"));
  const auto concepts = read_concepts_csv(folder.path() / "c.csv");
  REQUIRE(concepts.size() == 2);
  REQUIRE(concepts[0].examples.size() == 2);
  CHECK(concepts[0].examples[0].regions ==
        std::vector<ExampleRegion>{{1, 2, 3, 4}, {5, 6, 7, 8}});
  CHECK(concepts[0].examples[1].label == ExampleLabel::kAbsent);
  CHECK(concepts[1].examples[0].label == ExampleLabel::kUncertain);
}

TEST_CASE("bad annotations are refused with their line", "[concepts][import]") {
  const TemporaryFolder folder;
  CHECK(refusal(folder.path(), "opacity,c1,present,ann,,,,\nopacity,c2,yes,ann,,,,\n") ==
        "concepts.csv:3: \"yes\" is not a label");
  CHECK(refusal(folder.path(),
                "opacity,c1,present,ann,,,,\nopacity,c1,absent,ann,,,,\n") ==
        "concepts.csv:3: \"opacity\" in case c1 is absent here and present in line 2");
  CHECK(refusal(folder.path(), "opacity,c1,present,ann,1,2,3,\n") ==
        "concepts.csv:2: a region needs x, y and a positive w and h");
  CHECK(refusal(folder.path(), "opacity,c1,present,ann,1,2,wide,4\n") ==
        "concepts.csv:2: \"wide\" is not a number");
  CHECK(refusal(folder.path(), "a@1,c1,present,ann,,,,\n") ==
        "concepts.csv:2: \"a@1\" cannot be a concept's name");
  CHECK(refusal(folder.path(), "opacity,,present,ann,,,,\n") ==
        "concepts.csv:2: the case has no name");
}

TEST_CASE("columns of cases.csv become concepts by rules", "[concepts][import]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "cases.csv",
             "case,file,patient,view,age,Edema,No Finding\nc1,a.png,p1,AP,60,1,0\n"
             "c2,b.png,p2,PA,59.5,-1,1\nc3,c.png,p3,,,,present\n");
  const auto concepts = concepts_from_cases(
      folder.path() / "cases.csv",
      parse_column_rules("view_AP:view=AP, old:age>=60,Edema,No Finding"));
  REQUIRE(concepts.size() == 4);
  const auto label = [&](std::size_t k, std::size_t i) { return concepts[k].examples[i].label; };
  CHECK(label(0, 0) == ExampleLabel::kPresent);
  CHECK(label(0, 1) == ExampleLabel::kAbsent);
  CHECK(label(0, 2) == ExampleLabel::kUnjudged);
  CHECK(label(1, 0) == ExampleLabel::kPresent);
  CHECK(label(1, 1) == ExampleLabel::kAbsent);
  CHECK(label(2, 1) == ExampleLabel::kUncertain);
  CHECK(label(3, 2) == ExampleLabel::kPresent);
  CHECK(concepts[1].card.rule == "age>=60");
  CHECK(concepts[1].card.name == "old");
  CHECK_THROWS_AS(parse_column_rules("old:age>=sixty"), Error);
  CHECK_THROWS_AS(concepts_from_cases(folder.path() / "cases.csv", parse_column_rules("veiw=AP")),
                  Error);
  CHECK_THROWS_AS(concepts_from_cases(folder.path() / "cases.csv", parse_column_rules("view")),
                  Error);
  const auto cases = read_cases(folder.path() / "cases.csv", MissingFiles::kKeep);
  CHECK(select_cases(cases, "view=AP,age>=60").size() == 1);
  CHECK(select_cases(cases, "").size() == 3);
  CHECK_THROWS_AS(select_cases(cases, "view=LL"), Error);
}

TEST_CASE("importing twice changes nothing, and what was trained on becomes a new version",
          "[concepts][library]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "library.db";
  std::vector<ConceptImport> import{{.card = {.name = "opacity"},
                                     .examples = {{"c1", "ann", ExampleLabel::kPresent, "p1", "",
                                                   {{1, 2, 3, 4}}},
                                                  {"c2", "ann", ExampleLabel::kAbsent, "p2", "", {}}}}};
  ConceptLibrary library(file, ConceptLibrary::Access::kCreate);
  CHECK(library.import(import).new_examples == 2);
  const auto again = library.import(import);
  CHECK(again.new_examples + again.changed_examples + again.new_concepts + again.new_versions == 0);
  CHECK(library.find("opacity").version == 1);
  CHECK(library.find("opacity").n_present == 1);

  library.store(bank_of("opacity"));
  CHECK(library.find("opacity").is_trained);
  CHECK(library.examples("opacity", 1).at(0).pixel_sha256 == std::string(64, 'c'));
  CHECK(library.import(import).new_versions == 0);  // still the same
  import[0].examples[1].label = ExampleLabel::kUncertain;
  CHECK(library.import(import).new_versions == 1);
  CHECK(library.find("opacity").version == 2);
  CHECK(library.examples("opacity", 1).at(1).label == ExampleLabel::kAbsent);  // history stays
  CHECK(library.examples("opacity", 2).at(1).label == ExampleLabel::kUncertain);
  CHECK(library.examples("opacity", 2).at(0).regions.size() == 1);
  CHECK(library.find("opacity@1").n_absent == 1);
}

TEST_CASE("a version that was trained on keeps its pixels, and a draft takes them", "[concepts][library]") {
  const TemporaryFolder folder;
  ConceptLibrary library(folder.path() / "l.db", ConceptLibrary::Access::kCreate);
  library.import({{.card = {.name = "opacity"},
                   .examples = {{"c1", "ann", ExampleLabel::kPresent, "", std::string(64, '0'), {}},
                                {"c2", "ann", ExampleLabel::kAbsent, "", "", {}}}}});
  StoredBank bank = bank_of("opacity");
  CHECK(library.store(bank).empty());  // a draft: the films that it is trained on are the ones
  CHECK(library.examples("opacity", 1).at(0).pixel_sha256 == std::string(64, 'c'));

  bank.rows = {{"c1", "p1", std::string(64, 'd'), 0}, {"c2", "p2", std::string(64, 'e'), 1}};
  CHECK(library.store(bank) == std::vector<std::string>{"c1"});
  CHECK(library.examples("opacity", 1).at(0).pixel_sha256 == std::string(64, 'c'));
  CHECK(library.examples("opacity", 1).at(1).pixel_sha256 == std::string(64, 'e'));  // nothing was known
  CHECK(library.load(bank.key)->rows.at(0).pixel_sha256 == std::string(64, 'd'));  // what this bank saw
}

TEST_CASE("a concept with too few examples stays a draft that is in no bank's matrices", "[concepts][library]") {
  const TemporaryFolder folder;
  ConceptLibrary library(folder.path() / "l.db", ConceptLibrary::Access::kCreate);
  std::vector<ConceptImport> import{
      {.card = {.name = "opacity"}, .examples = {{"c1", "ann", ExampleLabel::kPresent, "", "", {}}}}};
  library.import(import);
  StoredBank bank = bank_of("opacity");
  bank.concepts[0].is_trained = false;
  bank.evidence.clear();
  library.store(bank);
  CHECK_FALSE(library.find("opacity").is_trained);
  CHECK(library.examples("opacity", 1).at(0).pixel_sha256.empty());
  import[0].examples.push_back({"c2", "ann", ExampleLabel::kAbsent, "", "", {}});
  CHECK(library.import(import).new_versions == 0);  // more examples go into the same draft
  CHECK(library.find("opacity").version == 1);
}

TEST_CASE("a card keeps what a later import does not say", "[concepts][library]") {
  const TemporaryFolder folder;
  ConceptLibrary library(folder.path() / "l.db", ConceptLibrary::Access::kCreate);
  write_file(folder.path() / "cards.csv",
             "concept,definition,not,code,confounder\nmarker,letter L,no stamp,RID1,1\n");
  library.import(read_concept_cards(folder.path() / "cards.csv"));
  library.import({{.card = {.name = "marker"},
                   .examples = {{"c1", "ann", ExampleLabel::kPresent, "", "", {}}}}});
  const auto card = library.find("marker").card;
  CHECK(card.definition == "letter L");
  CHECK(card.excludes == "no stamp");
  CHECK(card.is_confounder);
}

TEST_CASE("a bank comes back as it was stored, and replaces the one before it",
          "[concepts][library]") {
  const TemporaryFolder folder;
  ConceptLibrary library(folder.path() / "l.db", ConceptLibrary::Access::kCreate);
  library.import({{.card = {.name = "opacity"},
                   .examples = {{"c1", "ann", ExampleLabel::kPresent, "", "", {}}}}});
  StoredBank bank = bank_of("opacity");
  library.store(bank);
  bank.evidence[0].verdict = "established";
  library.store(bank);
  REQUIRE(library.banks().size() == 1);
  const auto loaded = ConceptLibrary(folder.path() / "l.db").load(bank.key);
  REQUIRE(loaded.has_value());
  CHECK(loaded->seed == bank.seed);
  CHECK(loaded->activation_shape == bank.activation_shape);
  CHECK(loaded->rows.at(0).fold == 4);
  CHECK(loaded->concepts.at(0).facts_json == bank.concepts[0].facts_json);
  CHECK(loaded->evidence.at(0).verdict == "established");
  CHECK(std::get<DoubleArray>(loaded->arrays.at("filters")).values == std::vector<double>{0.1, -0.2});
  CHECK(std::get<FloatArray>(loaded->arrays.at("resamples")).shape == Shape{1, 2});
  CHECK_FALSE(library.load({}).has_value());
}

TEST_CASE("what is no library is refused, with near names for concepts", "[concepts][library]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(ConceptLibrary(folder.path() / "none.db"), Error);
  write_file(folder.path() / "text.db", "this is no database at all, but long enough to look at");
  CHECK_THROWS_AS(ConceptLibrary(folder.path() / "text.db"), Error);
  { Database other(folder.path() / "other.db", Database::Open::kCreate);
    other.execute("CREATE TABLE t (x)"); }
  CHECK_THROWS_AS(ConceptLibrary(folder.path() / "other.db", ConceptLibrary::Access::kCreate),
                  Error);
  ConceptLibrary library(folder.path() / "l.db", ConceptLibrary::Access::kCreate);
  library.import({{.card = {.name = "opacity"}, .examples = {}}});
  try {
    library.find("opacty");
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.remedy == "did you mean opacity?");
    CHECK(error.kind == Error::Kind::kUsage);
  }
}
