// An unblinded study's export through the driver: refused before, whole and checkable after.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/base/digest.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "tests/end_to_end/trial_study.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"

using namespace rationale;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kFilms = 8, kRepeats = 1, kReaders = 3;

void read_period(const test::TrialStudy& place, int period, const std::string& released, const std::string& read_on,
                 const std::string& merged) {
  REQUIRE(place.package(period, released).status == 0);
  std::string bundles;
  for (const char* reader : {"r1", "r2", "r3"}) {
    const test::Answered read = place.simulate(reader, period, read_on);
    REQUIRE(read.status == 0);
    bundles += fmt::format(" {}", read.json().at("bundle").get<std::string>());
  }
  REQUIRE(place.step("merge" + bundles, merged).status == 0);
}

CsvTable table_of(const fs::path& folder, const std::string& name) { return read_csv(folder / name); }

}  // namespace

TEST_CASE("a study is exported whole after unblinding, and not at all before", "[end_to_end][export]") {
  const test::TrialStudy place(kFilms, kRepeats, false);
  // A method that cannot decide a claim is not locked.
  const std::string planned = "aim = \"two_sided\"", unplanned = "method = \"bootstrap\"\n" + planned;
  test::replace_in(place.study() / "protocol.toml", planned, unplanned);
  CHECK(place.lock().code() == "not_supported");
  test::replace_in(place.study() / "protocol.toml", unplanned, planned);
  REQUIRE(place.lock().status == 0);
  const fs::path release = place.at("release"), out = place.at("export");
  const std::string export_all = "export --out " + out.string();
  CHECK(place.step(export_all).code() == "stage");
  CHECK(place.step("archive --out " + place.at("early.tar")).code() == "stage");
  read_period(place, 1, "2026-03-02", "2026-03-03", "2026-03-04");
  read_period(place, 2, "2026-04-02", "2026-04-02", "2026-04-03");
  REQUIRE(place.step("close", "2026-04-04").status == 0);
  CHECK(place.step(export_all).code() == "stage");
  CHECK(place.step("export --csv --out " + out.string()).status == 4);
  CHECK_FALSE(fs::exists(out));
  REQUIRE(
      place
          .step(fmt::format("unblind --share {0}/shares/2-statistician.share {0}/shares/1-sponsor_qa.share --key {1} "
                            "{2} --reason done",
                            release.string(), place.at("statistician.key"), place.at("sponsor_qa.key")),
                "2026-04-04")
          .status == 0);
  REQUIRE(place.step("analyse").status == 0);

  const test::Answered exported = place.step(export_all);
  REQUIRE(exported.status == 0);
  CHECK(test::run_shell(fmt::format("cd {} && sha256sum --strict -c SHA256SUMS", out.string())).status == 0);
  std::set<std::string> files;
  const Json said = exported.json();
  for (const Json& one : said.at("files")) {
    files.insert(one.at("file").get<std::string>());
    CHECK(sha256_of_file(out / one.at("file").get<std::string>()) == one.at("sha256").get<std::string>());
  }
  for (const char* name :
       {"readings.csv", "long.csv",        "repeats.csv",    "answers.csv",   "marks.csv",    "events.csv",
        "acts.csv",     "deviations.csv",  "allocation.csv", "protocol.toml", "lock.json",    "results.json",
        "results.csv",  "readings.imrmc",  "mrmcaov.csv",    "id_map.csv",    "adsl.csv",     "adrdr.csv",
        "adread.csv",   "adam_define.csv", "codebook.csv",   "README.txt",    "R/check_all.R"}) {
    CHECK(files.contains(name));
  }

  // It rests on what was locked and read, and says so.
  const Json results = Json::parse(read_file(out / "results.json"));
  CHECK(read_file(out / "lock.json") == read_file(release / "lock.json"));
  std::map<std::string, std::string> digests;
  for (const Json& one : results.at("provenance").at("digests")) {
    digests[one.at("name").get<std::string>()] = one.at("value").get<std::string>();
  }
  CHECK(digests.at("allocation") == sha256_of_file(out / "allocation.csv"));
  CHECK(digests.at("protocol") == sha256_of_file(out / "protocol.toml"));
  CHECK(digests.at("readings") == sha256_of_file(out / "readings.csv"));
  CHECK(read_file(out / "readings.csv") == read_file(release / "analysis" / "readings.csv"));

  // The report's flow is that of the allocation and the events.
  const std::string page = read_file(release / "analysis" / "report.html");
  const int n_main = kReaders * 2 * kFilms;
  for (const std::string& words : {fmt::format("Allocated: {} readings", n_main), fmt::format("Started: {} readings", n_main),
                                   fmt::format("Finished: {} readings", n_main), fmt::format("{} repeats besides, analysed apart", kReaders * kRepeats)}) {
    INFO(words);
    CHECK(page.find(words) != std::string::npos);
  }
  const CsvTable readings = table_of(out, "readings.csv");
  const auto n_rated = std::ranges::count_if(readings.rows, [&](const CsvRow& row) { return !row.cells[readings.need("rating")].empty(); });
  CHECK(page.find(fmt::format("Analysed: {} readings", n_rated)) != std::string::npos);

  // Every allocated reading is there with each question; times and days since the last exposure are of the log.
  const CsvTable allocation = table_of(out, "allocation.csv"), answers = table_of(out, "answers.csv");
  CHECK(std::ssize(allocation.rows) == kReaders * (2 * kFilms + kRepeats));
  std::set<std::string> questions;
  int n_again = 0;
  for (const CsvRow& row : answers.rows) {
    const auto cell = [&](const char* name) { return row.cells[answers.need(name)]; };
    questions.insert(cell("question"));
    CHECK(cell("status") == "read");
    const auto days = parse_number(cell("days_since_exposure"));
    CHECK(days.has_value() == (cell("period") == "2"));
    if (days && cell("repeat") == "0") CHECK(*days > 28);
    if (cell("repeat") == "1") ++n_again;
    CHECK(parse_number(cell("active_s")).value_or(-1) <= parse_number(cell("wall_s")).value_or(-2));
  }
  CHECK(answers.rows.size() == allocation.rows.size() * questions.size());
  CHECK(n_again == kReaders * kRepeats * std::ssize(questions));

  // Events are opened, without a gap; what is confirmed is what was allocated.
  const CsvTable events = table_of(out, "events.csv");
  std::map<std::string, long long> last;
  int n_confirmed = 0;
  for (const CsvRow& row : events.rows) {
    const auto cell = [&](const char* name) { return row.cells[events.need(name)]; };
    CHECK(cell("kind") != "sealed");
    CHECK(parse_integer(cell("seq")) == ++last[cell("chain")]);
    CHECK(Json::accept(cell("body")));
    n_confirmed += cell("kind") == "confirm" ? 1 : 0;
  }
  CHECK(n_confirmed == std::ssize(allocation.rows));
  CHECK(table_of(out, "acts.csv").rows.back().cells[1] == "unblind");

  std::map<std::string, std::vector<std::string>> columns;
  for (const CsvRow& row : table_of(out, "codebook.csv").rows) columns[row.cells[0]].push_back(row.cells[1]);
  for (const std::string& name : files) {
    if (!name.ends_with(".csv") || name == "codebook.csv") continue;
    INFO(name);
    CHECK(columns[name] == table_of(out, name).header);
  }

  // Only a part of it; and the same again is the same.
  const test::Answered part = place.step("export --imrmc --out " + place.at("part"));
  CHECK(part.status == 0);
  CHECK(fs::exists(fs::path(place.at("part")) / "readings.imrmc"));
  CHECK_FALSE(fs::exists(fs::path(place.at("part")) / "answers.csv"));
  const std::string sums = read_file(out / "SHA256SUMS");
  CHECK(place.step(export_all).status == 0);
  CHECK(read_file(out / "SHA256SUMS") == sums);

  // The archive of it all is checked by this program, by tar and by sha256sum; a changed or cut one is found.
  const std::string archive = place.at("study.tar");
  REQUIRE(place.step("archive --out " + archive).status == 0);
  CHECK(place.step("archive --out " + archive).code() == "exists");
  CHECK(place.run("study verify --archive " + archive).json().at("ok") == true);
  const std::string kept = place.at("kept");
  CHECK(test::run_shell(
            fmt::format("mkdir {0} && cd {0} && tar xf {1} && sha256sum --strict -c */SHA256SUMS", kept, archive))
            .status == 0);
  const std::string bytes = read_file(archive);
  CHECK(bytes.find("release.key") == std::string::npos);
  std::string changed = bytes;
  changed[changed.find("[[question]]") + 2] = 'Q';  // in the protocol
  write_file(archive, changed);
  CHECK(place.run("study verify --archive " + archive).status == 3);
  write_file(archive, bytes.substr(0, bytes.size() / 2));
  CHECK(place.run("study verify --archive " + archive).code() == "no_archive");
  write_file(archive, "no archive");
  CHECK(place.run("study verify --archive " + archive).code() == "no_archive");

  if (!test::has_program("Rscript")) return;
  const test::Ran checked = test::run_shell(fmt::format("Rscript --vanilla {} 2>&1", (out / "R" / "check_base.R").string()));
  INFO(checked.output);
  CHECK(checked.status == 0);
}
