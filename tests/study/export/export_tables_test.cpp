// Tables of an export: ADaM-like ones, the codebook, flat results; and the folder as the driver writes it.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "data/base/file.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "study/export/export.h"
#include "study/export/flat_results.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"
#include "tests/ui/display.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

// Two patients with two cases each (one of both truths), one of one; a missing rating; names that need care.
constexpr const char* kReadings =
    "reader,case,arm,truth,rating,patient,positive,confidence,time_s,period,ai_positive,stratum,note\n"
    "r1,c1,hidden,0,-20,p1,0,20,10.5,1,0,AP,\n"
    "r1,c1,visible,0,30,p1,1,30,9,2,0,AP,\n"
    "r1,c2,hidden,1,55,p1,1,55,12,1,1,AP,\"a, b\"\n"
    "r1,c2,visible,1,60,p1,1,60,11,2,1,AP,\n"
    "r1,c3,hidden,1,,p2,,,,1,1,PA,\n"
    "r1,c3,visible,1,70,p2,1,70,8,2,1,PA,\n"
    "r2,c1,hidden,0,10,p1,1,10,5,1,0,AP,\n"
    "r2,c1,visible,0,-15,p1,0,15,6,2,0,AP,\n"
    "r2,c2,hidden,1,44,p1,1,44,7,1,1,AP,\n"
    "r2,c2,visible,1,45,p1,1,45,8,2,1,AP,\n"
    "r2,c4,hidden,0,-90,=p3,0,90,3,1,1,PA,\n"
    "r2,c4,visible,0,-91,=p3,0,91,4,2,1,PA,\n";

struct Exported {
  ExportSet set;
  std::size_t n_records = 0;
};

Exported exported() {
  const CsvTable table = parse_csv(kReadings, "readings.csv");
  const LoadedReadings loaded = load_readings(table, {});
  REQUIRE_FALSE(loaded.error);
  const Json results{{"fpr", {{"RRRC", {{"p", 0.1}}}}}};
  Exported made{.set = export_readings({.readings = loaded.readings,
                                        .table = table,
                                        .results = results,
                                        .study_id = "st-01",
                                        .title = "A study",
                                        .readers = {{"r1", {.site = "Berlin", .group = "", .years = 7}}}}),
                .n_records = loaded.readings.records.size()};
  add_guide(made.set, "A study");
  return made;
}

CsvTable table_of(const ExportSet& set, const std::string& file) { return parse_csv(set.files.at(file), file); }

}  // namespace

TEST_CASE("tables in the manner of ADaM keep its rules", "[export]") {
  const auto [set, n_records] = exported();
  for (const AdamVariable& one : adam_variables()) {
    CHECK(std::string(one.name).size() <= 8);
    CHECK(std::string(one.label).size() <= 40);
    CHECK(std::string(one.name).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos);
  }
  const CsvTable define = table_of(set, "adam_define.csv");
  for (const char* dataset : {"adsl", "adrdr", "adread"}) {
    const CsvTable table = table_of(set, std::string(dataset) + ".csv");
    std::vector<std::string> defined;
    for (const CsvRow& row : define.rows) {
      if (lower_case(row.cells[0]) == dataset) defined.push_back(row.cells[1]);
    }
    CHECK(table.header == defined);
  }
  // One record a subject; every subject of a reading is there.
  const CsvTable adsl = table_of(set, "adsl.csv");
  std::map<std::string, std::vector<std::string>> subjects;
  for (const CsvRow& row : adsl.rows) CHECK(subjects.emplace(row.cells[adsl.need("USUBJID")], row.cells).second);
  REQUIRE(subjects.size() == 3);
  CHECK(subjects.at("st-01-p1") == std::vector<std::string>{"st-01", "st-01-p1", "p1", "2", "1", "1", "Y"});
  CHECK(subjects.at("st-01-=p3") == std::vector<std::string>{"st-01", "st-01-=p3", "'=p3", "1", "1", "0", "N"});
  const CsvTable adread = table_of(set, "adread.csv");
  CHECK(adread.rows.size() == 4 * n_records);  // RATING, POSITIVE, CONF, TIME of 11 readings; the missing one has none
  std::map<std::string, std::string> parameter, arm;
  std::set<std::pair<std::string, std::string>> sequence;
  for (const CsvRow& row : adread.rows) {
    const auto cell = [&](const char* name) { return row.cells[adread.need(name)]; };
    CHECK(subjects.contains(cell("USUBJID")));
    CHECK(parse_number(cell("AVAL")).has_value());
    CHECK(parameter.emplace(cell("PARAMCD"), cell("PARAM")).first->second == cell("PARAM"));
    CHECK(arm.emplace(cell("TRTPN"), cell("TRTP")).first->second == cell("TRTP"));
    CHECK(sequence.emplace(cell("USUBJID"), cell("ASEQ")).second);
    CHECK((cell("AVALC") == "") == (cell("PARAMCD") != "POSITIVE"));
  }
  CHECK(parameter.size() == 4);
  CHECK(arm == std::map<std::string, std::string>{{"1", "hidden"}, {"2", "visible"}});
  const CsvTable adrdr = table_of(set, "adrdr.csv");
  REQUIRE(adrdr.rows.size() == 2);
  CHECK(adrdr.rows[0].cells == std::vector<std::string>{"st-01", "r1", "Berlin", "", "7", "5"});
  CHECK(adrdr.rows[1].cells == std::vector<std::string>{"st-01", "r2", "", "", "", "6"});
}

TEST_CASE("the codebook has every column of every table, and no other", "[export]") {
  const auto [set, n_records] = exported();
  const CsvTable codebook = table_of(set, "codebook.csv");
  std::map<std::string, std::vector<std::string>> columns;
  for (const CsvRow& row : codebook.rows) {
    columns[row.cells[codebook.need("file")]].push_back(row.cells[codebook.need("column")]);
    CHECK_FALSE(row.cells[codebook.need("type")].empty());
  }
  for (const auto& [file, bytes] : set.files) {
    if (!file.ends_with(".csv") || file == "codebook.csv") continue;
    INFO(file);
    CHECK(columns[file] == parse_csv(bytes, file).header);
  }
  for (const auto& [file, unused] : columns) CHECK(set.files.contains(file));
  const std::string guide = set.files.at("README.txt");
  for (const auto& [file, unused] : set.files) {
    if (file.starts_with("R/") || file == "README.txt") continue;
    CHECK(guide.find("  " + file + " ") != std::string::npos);
  }
}

TEST_CASE("long.csv has the readings as they were analysed", "[export]") {
  const auto [set, n_records] = exported();
  const CsvTable table = table_of(set, "long.csv");
  REQUIRE(table.rows.size() == n_records);
  CHECK(table.rows[0].cells ==
        std::vector<std::string>{"r1", "c1", "p1", "hidden", "0", "-20", "0", "20", "10.5", "1", "0"});
  for (const CsvRow& row : table.rows) CHECK_FALSE(row.cells[table.need("rating")].empty());
}

TEST_CASE("flat results hold every number to the last digit", "[export]") {
  const double third = 1.0 / 3, tiny = 4.9e-324;
  const Json results{{"a/b", {{"~", third}, {"list", {1, 2.5, tiny}}}},
                     {"status", "not_estimable"},
                     {"reason", "a \"quoted\", long one"},
                     {"df", nullptr},
                     {"is", true}};
  const CsvTable table = parse_csv(flat_results_csv(results), "results.csv");
  std::map<std::string, std::vector<std::string>> rows;
  for (const CsvRow& row : table.rows) rows[row.cells[0]] = row.cells;
  CHECK(rows.size() == 8);
  CHECK(parse_number(rows.at("/a~1b/~0")[1]) == third);
  CHECK(parse_number(rows.at("/a~1b/list/2")[1]) == tiny);
  CHECK(rows.at("/a~1b/list/0")[1] == "1");
  CHECK(rows.at("/reason")[2] == "a \"quoted\", long one");
  CHECK(rows.at("/df") == std::vector<std::string>{"/df", "", ""});
  CHECK(rows.at("/is")[2] == "true");
  for (const auto& [pointer, cells] : rows) {  // every row leads back
    const Json& value = results.at(Json::json_pointer(pointer));
    if (value.is_number()) CHECK(parse_number(cells[1]) == value.get<double>());
  }
}

TEST_CASE("the same readings give the same folder to the byte", "[export]") {
  const TemporaryFolder place;
  write_file(place.path() / "readings.csv", kReadings);
  std::string sums[2];
  for (int i = 0; i < 2; ++i) {
    const std::filesystem::path out = place.path() / fmt::format("out{}", i);
    const test::Ran ran = test::run_shell(fmt::format("{} analyse {} --out {} --quiet", RATIONALE_DRIVER,
                                                      (place.path() / "readings.csv").string(), out.string()));
    REQUIRE(ran.status == 0);
    sums[i] = read_file(out / "SHA256SUMS");
    for (const char* file : {"report.html", "results.json", "readings.csv", "codebook.csv", "readings.imrmc",
                             "mrmcaov.csv", "R/check_all.R", "README.txt"}) {
      CHECK(sums[i].find(file) != std::string::npos);
    }
    CHECK(test::run_shell(fmt::format("cd {} && sha256sum --strict -c SHA256SUMS", out.string())).status == 0);
    const Json results = Json::parse(read_file(out / "results.json"));
    CHECK(results.at("provenance").at("digests").back().at("name") == "readings");
    CHECK(results.at("provenance").at("program").get<std::string>().starts_with("rationale "));
  }
  CHECK(sums[0] == sums[1]);
}
