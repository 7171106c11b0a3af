// The reading app as readers have it: a real window, a keyboard script, a whole study around it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "data/base/file.h"
#include "data/cases/csv.h"
#include "tests/end_to_end/reader_process.h"
#include "tests/end_to_end/trial_study.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"

using namespace rationale;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// The long form has as many films as the environment says.
int films(const char* variable, int few) {
  const char* text = std::getenv(variable);
  return text == nullptr ? few : std::atoi(text);
}

/// Resident memory of a process, in kB; 0 once it has ended.
long resident_kb(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

/// A script that takes a picture of every kind of page on the way through `n` cases.
void write_picture_script(const fs::path& file, int n) {
  test::write_reading_script(file, n);
  std::string lines = read_file(file);
  test::replace(lines, "{\"key\":\"enter\"}\n{\"display_check\":\"pass\"}\n{\"key\":\"enter\"}\n",
                R"({"screenshot":"start"}
{"key":"enter"}
{"screenshot":"check"}
{"display_check":"pass"}
{"screenshot":"ready"}
{"key":"enter"}
{"after":"case:1","screenshot":"case-1"}
{"key":"f1"}
{"screenshot":"help"}
{"key":"f1"}
{"key":"p"}
{"screenshot":"pause"}
{"key":"p"}
{"key":"h"}
{"screenshot":"case-1-h"}
{"key":"h"}
{"key":"u"}
{"screenshot":"case-1-outline"}
{"key":"u"}
)");
  test::replace(lines, "{\"after\":\"case:2\"", "{\"after\":\"case:2\",\"screenshot\":\"case-2\"}\n{\"after\":\"case:2\"");
  test::replace(lines, "{\"after\":\"case:3\"", "{\"after\":\"case:3\",\"screenshot\":\"case-3\"}\n{\"after\":\"case:3\"");
  write_file(file, lines + "{\"screenshot\":\"end\"}\n");
}

}  // namespace

TEST_CASE("a whole study with one reader in a real window ends in a report", "[end_to_end][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  // RATIONALE_FILMS=60 is the long form; RATIONALE_PICTURES keeps the screenshots.
  const int n = films("RATIONALE_FILMS", 8);
  const test::TrialStudy study(n);
  REQUIRE(study.lock().status == 0);
  const char* kept = std::getenv("RATIONALE_PICTURES");
  const struct {
    int period, n_items;
    const char *release, *read, *merge;
  } periods[] = {{1, n, "2026-03-02", "2026-03-03T09:00:00Z", "2026-03-04"},
                 {2, n + 1, "2026-04-02", "2026-04-02T09:00:00Z", "2026-04-03"}};
  for (const auto& period : periods) {
    REQUIRE(study.package(period.period, period.release).status == 0);
    const fs::path script = study.at("script.jsonl"), pictures = study.at(fmt::format("pictures-p{}", period.period));
    write_picture_script(script, period.n_items);
    std::vector<std::string> arguments =
        test::read_arguments(study.at(fmt::format("outbox/r1-p{}.rpk", period.period)), study.at("r1.key"),
                             study.at(fmt::format("window-p{}", period.period)), script, period.read);
    arguments.insert(arguments.end(), {"--screenshot-dir", pictures.string()});
    const fs::path log = study.at("read.log");
    test::ReaderProcess reader(arguments, log);
    REQUIRE(reader.has_ended(std::chrono::minutes(8)));
    INFO(read_file(log));
    REQUIRE(reader.exit_code() == 0);
    const Json said = Json::parse(read_file(log));
    CHECK(said.at("n_confirmed") == period.n_items);
    CHECK(said.at("n_left") == 0);
    for (const char* name : {"start", "check", "ready", "case-1", "help", "pause", "case-1-h", "case-1-outline", "case-2", "case-3", "end"}) {
      INFO(name);
      CHECK(fs::file_size(pictures / (std::string(name) + ".png")) > 5000);
    }
    if (kept != nullptr) {
      fs::create_directories(kept);
      fs::copy(pictures, fs::path(kept) / fmt::format("p{}", period.period), fs::copy_options::recursive);
    }
    std::string bundles = fmt::format(" {}", said.at("bundle").get<std::string>());
    for (const char* name : {"r2", "r3"}) {
      const test::Answered read = study.simulate(name, period.period, period.read);
      REQUIRE(read.status == 0);
      bundles += fmt::format(" {}", read.json().at("bundle").get<std::string>());
    }
    REQUIRE(study.step("merge" + bundles, period.merge).status == 0);
    const std::string monitor = study.step("monitor").text;
    for (const char* word : {"visible", "hidden\"", "\"yes\"", "\"no\"", "positive", "consolidation"}) {
      CHECK(monitor.find(word) == std::string::npos);
    }
  }
  const std::string release = study.at("release");
  CHECK(study.step("close", "2026-04-04").status == 0);
  REQUIRE(study.step(fmt::format("unblind --share {0}/shares/2-statistician.share {0}/shares/1-sponsor_qa.share --key {1} {2} "
                                 "--reason done", release, study.at("statistician.key"), study.at("sponsor_qa.key")),
                     "2026-04-04").status == 0);
  CHECK(study.step("verify-allocation").status == 0);
  REQUIRE(study.step("analyse --sources " + study.study().string()).status == 0);

  // What was typed in the window is what is analysed.
  const CsvTable readings = read_csv(fs::path(release) / "analysis" / "readings.csv");
  int n_typed = 0;
  for (const CsvRow& row : readings.rows) {
    if (row.cells[readings.need("reader")] != "r1") continue;
    const int position = std::atoi(row.cells[readings.need("position")].c_str());
    CHECK(row.cells[readings.need("positive")] == (position % 2 == 1 ? "1" : "0"));
    CHECK(std::abs(std::atof(row.cells[readings.need("confidence")].c_str()) - test::vas_of(position)) < 0.1);
    ++n_typed;
  }
  CHECK(n_typed == 2 * n);
  if (kept != nullptr) {
    fs::copy(fs::path(release) / "analysis", fs::path(kept) / "analysis", fs::copy_options::recursive);
  }
}

TEST_CASE("the window's memory does not grow from case to case", "[end_to_end][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  const int n = films("RATIONALE_READINGS", 24);  // the long form has 300
  const test::TrialStudy study(n);
  REQUIRE(study.lock().status == 0);
  REQUIRE(study.package(1, "2026-03-02").status == 0);
  const fs::path script = study.at("script.jsonl"), trace = study.at("read.trace"), log = study.at("read.log");
  test::write_reading_script(script, n);
  std::vector<std::string> arguments = test::read_arguments(study.at("outbox/r1-p1.rpk"), study.at("r1.key"),
                                                            study.at("session"), script, "2026-03-03T09:00:00Z");
  arguments.insert(arguments.end(), {"--trace", trace.string()});
  test::ReaderProcess reader(arguments, log);
  std::vector<long> memory;  // every 50 ms while events are stored
  while (!reader.has_ended(std::chrono::milliseconds(50))) {
    if (fs::exists(trace) && reader.pid() > 0) memory.push_back(resident_kb(reader.pid()));
  }
  INFO(read_file(log));
  REQUIRE(reader.exit_code() == 0);
  REQUIRE(memory.size() > 20);
  // Medians of tenths of the session. The first holds start and the cases read ahead.
  std::vector<long> tenths;
  for (std::size_t i = 0; i < 10; ++i) {
    std::vector<long> part(memory.begin() + static_cast<std::ptrdiff_t>(i * memory.size() / 10),
                           memory.begin() + static_cast<std::ptrdiff_t>((i + 1) * memory.size() / 10));
    std::nth_element(part.begin(), part.begin() + std::ssize(part) / 2, part.end());
    tenths.push_back(part[part.size() / 2]);
  }
  fmt::print(stderr, "{} readings, resident kB by tenths: {}\n", n, fmt::join(tenths, " "));
  CHECK(static_cast<double>(tenths.back()) <= 1.05 * static_cast<double>(tenths[1]));
}
