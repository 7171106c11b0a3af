// What a user sees when something is wrong: one clear error with its exit code, and nothing lost. Every case
// runs the real driver.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"
#include "ui/command/subprocess.h"

using namespace rationale;

namespace {

const std::filesystem::path kSource = RATIONALE_SOURCE_DIR;
const std::string kCard = (kSource / "data/samples/models/honest.toml").string();
const std::string kModel = (kSource / "data/samples/models/honest.ts.pt").string();

struct Failure {
  int exit_code = 0;
  std::string kind, code, what, where, remedy;
};

/// Runs the driver with --json and takes the error apart. Every error has its four parts.
Failure fails(std::vector<std::string> words) {
  words.emplace_back("--json");
  INFO(fmt::format("rationale {}", fmt::join(words, " ")));
  const ui::Finished finished = ui::run_program(RATIONALE_DRIVER, words);
  INFO(finished.output);
  REQUIRE(finished.exit_code != 0);
  const auto json = nlohmann::json::parse(finished.output);
  REQUIRE(json.contains("schema"));
  REQUIRE(json.contains("version"));
  const auto& error = json.at("error");
  return {finished.exit_code, error.at("kind"), error.at("code"), error.at("what"), error.at("where"),
          error.at("remedy")};
}

ui::Finished runs(const std::vector<std::string>& words) {
  const ui::Finished finished = ui::run_program(RATIONALE_DRIVER, words);
  INFO(fmt::format("rationale {}", fmt::join(words, " ")));
  REQUIRE(finished.exit_code == 0);
  return finished;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Two phantoms in DICOM, with their cases.csv.
void make_films(const std::filesystem::path& folder, int count) {
  runs({"samples", "--seed", "5", "--count", std::to_string(count), "--out", folder.string(), "--quiet"});
}

FloatArray noise(Shape shape) {
  FloatArray array{shape, {}};
  for (std::int64_t i = 0; i < element_count(shape); ++i) {
    array.values.push_back(static_cast<float>((i * 7919) % 101) / 101.0F);
  }
  return array;
}

}  // namespace

TEST_CASE("an empty and a cut DICOM file are bad input, with what to do", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 1);
  std::filesystem::path film;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.path().extension() == ".dcm") film = entry.path();
  }
  REQUIRE_FALSE(film.empty());
  const std::string bytes = read_file(film);
  write_file(folder.path() / "empty.dcm", "");
  write_file(folder.path() / "cut.dcm", bytes.substr(0, bytes.size() / 2));
  for (const char* name : {"empty.dcm", "cut.dcm"}) {
    const Failure failure = fails({"image", (folder.path() / name).string()});
    CHECK(failure.exit_code == 3);
    CHECK(failure.kind == "input");
    CHECK(contains(failure.where, name));
    CHECK_FALSE(failure.remedy.empty());
  }
}

TEST_CASE("a film that is not there fails its case, and the run goes on", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 2);
  std::string cases = read_file(folder.path() / "cases.csv");
  cases += "ghost,films/ghost.dcm" + std::string(static_cast<std::size_t>(std::count(
                                         cases.begin(), cases.begin() + static_cast<long>(cases.find('\n')), ',')) - 1,
                                     ',') + "\n";
  write_file(folder.path() / "with_ghost.csv", cases);
  const auto out = folder.path() / "out";
  const ui::Finished finished =
      ui::run_program(RATIONALE_DRIVER, {"explain", "--model", kCard, "--cases",
                                         (folder.path() / "with_ghost.csv").string(), "--out", out.string(),
                                         "--json", "--quiet"});
  CHECK(finished.exit_code == 1);
  const auto summary = nlohmann::json::parse(read_file(out / "summary.json"));
  CHECK(summary.at("explained") == 2);
  REQUIRE(summary.at("failed").size() == 1);
  CHECK(summary.at("failed").at(0).at("case") == "ghost");
  CHECK_FALSE(summary.at("failed").at(0).at("reason").get<std::string>().empty());
}

TEST_CASE("a case that stands twice is refused with its line", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 2);
  std::string cases = read_file(folder.path() / "cases.csv");
  const std::size_t second = cases.find('\n') + 1;
  cases += cases.substr(second, cases.find('\n', second) + 1 - second);
  write_file(folder.path() / "twice.csv", cases);
  const Failure failure = fails({"explain", "--model", kCard, "--cases",
                                 (folder.path() / "twice.csv").string(), "--out",
                                 (folder.path() / "out").string()});
  CHECK(failure.exit_code == 3);
  CHECK(contains(failure.where, "twice.csv:4"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "out" / "explanations.db"));
}

TEST_CASE("an unknown layer is a usage error that lists near names", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "x.npy", noise({1, 1, 96, 96}));
  const Failure failure = fails({"heatmap", kModel, "--tensor", (folder.path() / "x.npy").string(),
                                 "--layer", "feature.9x", "--class", "0", "--npy",
                                 (folder.path() / "map.npy").string()});
  CHECK(failure.exit_code == 2);
  CHECK(contains(failure.what + failure.where, "feature.9x"));
  CHECK(contains(failure.what + failure.remedy, "feature"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "map.npy"));
}

TEST_CASE("an input of the wrong size is bad input, not a crash", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "x.npy", noise({1, 3, 96, 96}));
  const Failure failure = fails({"activations", kCard, "--tensor", (folder.path() / "x.npy").string(),
                                 "--logits", (folder.path() / "y.npy").string()});
  CHECK(failure.exit_code == 3);
  CHECK_FALSE(failure.remedy.empty());
  CHECK_FALSE(std::filesystem::exists(folder.path() / "y.npy"));
}

TEST_CASE("a file that is not TorchScript is bad input for every command", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "weights.pt";
  const std::string content = GENERATE(std::string(), std::string("PK\x03\x04 not really"),
                                       std::string("\x80\x02}q\x00.", 6));
  write_file(file, content);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"doctor", file.string()},
        {"layers", file.string(), "--shape", "1,1,96,96"}}) {
    const Failure failure = fails(words);
    CHECK(failure.exit_code == 3);
    CHECK(contains(failure.what, "TorchScript"));
    CHECK_FALSE(failure.remedy.empty());
  }
}

TEST_CASE("three examples are too few for a concept", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 6);
  std::string csv = "concept,case,label,annotator\n";
  const std::string cases = read_file(folder.path() / "cases.csv");
  std::size_t at = cases.find('\n') + 1;
  for (int i = 0; i < 3; ++i) {
    csv += fmt::format("line,{},{},a\n", cases.substr(at, cases.find(',', at) - at),
                       i == 0 ? "absent" : "present");
    at = cases.find('\n', at) + 1;
  }
  write_file(folder.path() / "concepts.csv", csv);
  const std::string library = (folder.path() / "library.db").string();
  runs({"concepts", "import", (folder.path() / "concepts.csv").string(), "--library", library});
  const Failure failure = fails({"concepts", "train", "--library", library, "--model", kCard, "--cases",
                                 (folder.path() / "cases.csv").string()});
  CHECK((failure.exit_code == 3 || failure.exit_code == 4));
  CHECK(contains(failure.what, "line"));
  CHECK_FALSE(failure.remedy.empty());
}

TEST_CASE("a full disk is the machine's fault, and the store opens afterwards", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 4);
  const auto out = folder.path() / "out";
  // A file-size limit behaves like a full disk for every file that we write.
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit limit{20000, 20000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string cases = (folder.path() / "cases.csv").string();
    ::execl(RATIONALE_DRIVER, RATIONALE_DRIVER, "explain", "--model", kCard.c_str(), "--cases",
            cases.c_str(), "--out", out.c_str(), "--quiet", static_cast<char*>(nullptr));
    ::_exit(99);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 5);
  // With room again, the same command finishes.
  runs({"explain", "--model", kCard, "--cases", (folder.path() / "cases.csv").string(), "--out",
        out.string(), "--quiet"});
  CHECK(nlohmann::json::parse(read_file(out / "summary.json")).at("cases") == 4);
}

TEST_CASE("without a display the studio says so and what else to do", "[end-to-end][bad-input]") {
  const TemporaryFolder folder;
  make_films(folder.path(), 1);
  const auto out = folder.path() / "out";
  runs({"explain", "--model", kCard, "--cases", (folder.path() / "cases.csv").string(), "--out",
        out.string(), "--quiet"});
  ::unsetenv("DISPLAY");
  ::unsetenv("WAYLAND_DISPLAY");
  const Failure failure = fails({"studio", out.string()});
  CHECK(failure.exit_code == 5);
  CHECK(contains(failure.what, "display"));
  CHECK_FALSE(failure.remedy.empty());
}

TEST_CASE("a misspelt option is a usage error that points to --help", "[end-to-end][bad-input]") {
  const Failure failure = fails({"layers", "--shap", "1,1,96,96"});
  CHECK(failure.exit_code == 2);
  CHECK(contains(failure.remedy, "--help"));
}
