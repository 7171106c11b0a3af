// A whole reader study through the driver, on made films: from an edited protocol to the report.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "data/cases/csv.h"
#include "data/samples/place.h"
#include "tests/end_to_end/trial_study.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"

using namespace rationale;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kFilms = 12;

}  // namespace

TEST_CASE("a study runs from its lock to its report, and refuses every step out of order", "[end_to_end]") {
  const test::TrialStudy place(kFilms);
  CHECK(place.run("study check " + (place.study() / "protocol.toml").string()).status == 0);
  CHECK(place.run("study monitor --study " + place.study().string()).code() == "cannot_read");
  const test::Answered locked = place.lock();
  REQUIRE(locked.status == 0);
  CHECK(locked.json().at("readings") == 3 * (2 * kFilms + 1));
  CHECK(place.lock("another").code() == "locked");

  // What the coordinator gets holds no truth, no case's code and no arm of a case; all items have one size.
  const fs::path release = place.at("release");
  const Json packages = locked.json().at("packages");
  CHECK(packages.size() == 6);
  for (const auto& entry : fs::directory_iterator(release / "packages")) {
    const std::string bytes = read_file(entry.path());
    for (const char* word : {"visible", "hidden", "p5-00", "consolidation", "AI score", "heatmap"}) {
      CHECK(bytes.find(word) == std::string::npos);
    }
  }
  CHECK(packages[0].at("bytes") == packages[2].at("bytes"));
  CHECK_FALSE(fs::exists(release / "data"));

  CHECK(place.package(2, "2026-03-02").code() == "I9");
  CHECK(place.package(1, "2026-03-02").status == 0);
  CHECK(place.simulate("r1", 1, "2026-03-01").code() == "too_early");
  std::string bundles;
  for (const char* reader : {"r1", "r2", "r3"}) {
    const test::Answered read = place.simulate(reader, 1, "2026-03-03");
    REQUIRE(read.status == 0);
    bundles += fmt::format(" {}", read.json().at("bundle").get<std::string>());
  }
  CHECK(place.step("merge" + bundles, "2026-03-04").status == 0);
  const Json again = place.step("merge" + bundles, "2026-03-04").json();
  CHECK(again.at("bundles")[0].at("new") == 0);
  CHECK(place.package(2, "2026-03-20").code() == "I9");
  CHECK(place.step("close", "2026-03-20").code() == "T17");
  CHECK(place.package(2, "2026-04-02").status == 0);
  bundles.clear();
  for (const char* reader : {"r1", "r2", "r3"}) {
    const test::Answered read = place.simulate(reader, 2, "2026-04-02");
    bundles += fmt::format(" {}", read.json().at("bundle").get<std::string>());
  }
  CHECK(place.step("merge" + bundles, "2026-04-03").status == 0);

  // Blind until the end: neither the monitor nor the store tells arms, answers or truth.
  const std::string monitor = place.step("monitor").text;
  const std::string store = read_file(release / "study.db");
  for (const char* word : {"visible", "\"yes\"", "\"no\"", "positive"}) {
    CHECK(monitor.find(word) == std::string::npos);
  }
  CHECK(store.find("\"question\":\"finding\"") == std::string::npos);
  CHECK(store.find("\"kind\":\"heatmap\"") == std::string::npos);

  const std::string unblind = fmt::format("unblind --share {0}/shares/2-statistician.share {0}/shares/1-sponsor_qa.share "
                                          "--key {1} {2} --reason done", release.string(),
                                          place.at("statistician.key"), place.at("sponsor_qa.key"));
  CHECK(place.step(unblind, "2026-04-04").code() == "stage");
  CHECK(place.step("verify").status == 0);
  CHECK(place.step("rebuild").status == 0);
  CHECK(place.step("close", "2026-04-04").status == 0);
  CHECK(place.step(fmt::format("unblind --share {}/shares/2-statistician.share --key {} --reason done", release.string(),
                               place.at("statistician.key")), "2026-04-04").code() == "box_refused");
  CHECK(place.step("analyse").code() == "stage");
  CHECK(place.step(unblind, "2026-04-04").status == 0);
  CHECK(place.step(unblind, "2026-04-04").status == 0);  // writes the same files again
  CHECK(place.step("verify-allocation").json().at("not_usable").empty());
  CHECK(place.step("merge" + bundles, "2026-04-05").code() == "stage");

  const test::Answered analysed = place.step("analyse");
  REQUIRE(analysed.status == 0);
  CHECK(analysed.json().at("n_readers") == 3);
  CHECK(analysed.json().at("load").at("n_rows") == 3 * 2 * kFilms);
  const CsvTable readings = read_csv(release / "analysis" / "readings.csv");
  CHECK(std::ssize(readings.rows) == 3 * 2 * kFilms);
  CHECK(std::ssize(read_csv(release / "analysis" / "repeats.csv").rows) == 3);
  const std::string report = read_file(release / "analysis" / "report.html");
  CHECK(report.find("SYNTHETIC") != std::string::npos);
  CHECK(report.find("three readers") != std::string::npos);
  CHECK(report.find("NaN") == std::string::npos);

  // Example cases come from what was locked, or not at all.
  const std::string with_sources =
      fmt::format("analyse --sources {} --out {}", place.study().string(), place.at("shown"));
  REQUIRE(place.step(with_sources).status == 0);
  CHECK(fs::exists(fs::path(place.at("shown")) / "report.html"));
  const fs::path cases = place.study() / "data" / "cases.csv";
  const std::string good_cases = read_file(cases);
  write_file(cases, good_cases + "\n");
  CHECK(place.step(with_sources).code() == "other_cases");
  write_file(cases, good_cases);
  const fs::path explanations = place.study() / "data" / "explanations";
  fs::remove_all(explanations);
  const test::Answered other_layer = place.run(fmt::format("explain --model {} --layer block3 --method grad_cam --cases {} --out {}",
                                                (samples::models_folder() / "honest.toml").string(),
                                                place.at("films/cases.csv"), explanations.string()));
  REQUIRE(other_layer.status == 0);
  CHECK(place.step(with_sources).code() == "other_explanations");
}

TEST_CASE("a study is rehearsed before its lock, in a copy that nobody takes for it", "[end_to_end]") {
  const test::TrialStudy place(kFilms);
  const fs::path locked = place.study();
  test::replace_in(locked / "protocol.toml", "synthetic = true", "synthetic = false");  // a real study, too
  const std::string rehearse = fmt::format("study rehearse --study {} --readers 2 --cases 8 --out {}", locked.string(),
                                           place.at("rehearsal"));
  const test::Answered ran = place.run(rehearse);
  REQUIRE(ran.status == 0);
  const Json said = ran.json();
  CHECK(said.at("study") == "phantom-12-rehearsal");
  CHECK(said.at("readings") == 2 * (2 * 8 + 1));  // one repeat
  CHECK(said.at("study_package_bytes").get<double>() > said.at("package_bytes").get<double>());
  const std::string report = read_file(said.at("report").get<std::string>());
  CHECK(report.find("REHEARSAL: ") != std::string::npos);
  CHECK(report.find("SYNTHETIC") != std::string::npos);
  CHECK(report.find("data:image/png;base64,") != std::string::npos);
  const Json good = place.run("study verify --study " + place.at("rehearsal/release")).json();
  CHECK(good.at("ok") == true);
  CHECK_FALSE(fs::exists(locked / "lock.json"));  // the study itself is as it was
  // No case's own truth is in the copy: the chosen cases' rows are dealt out anew.
  const fs::path dealt = fs::path(place.at("rehearsal")) / "study" / "data" / "truth.csv";
  CHECK(fs::status(dealt).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const std::string truth = read_file(locked / "data" / "truth.csv");
  int n_same = 0, n_rows = 0;
  for (const CsvRow& row : read_csv(dealt).rows) {
    ++n_rows;
    n_same += truth.find(csv_line(row.cells)) != std::string::npos ? 1 : 0;
  }
  CHECK(n_rows == 8);
  CHECK(n_same < n_rows);

  CHECK(place.run(rehearse).code() == "exists");
  CHECK(place.run("study rehearse --readers 9 --study " + locked.string()).status == 2);
  write_file(locked / "data" / "truth.csv", "case,consolidation\n");
  CHECK(place.run("study rehearse --study " + locked.string()).status == 3);
  CHECK_FALSE(fs::exists(locked / "rehearsal"));
  CHECK_FALSE(fs::exists(locked / "rehearsal.part"));
}

TEST_CASE("a lock refuses what is not in order and leaves nothing behind", "[end_to_end]") {
  const test::TrialStudy place(kFilms);
  const fs::path protocol = place.study() / "protocol.toml", cases = place.study() / "data" / "cases.csv",
                 truth = place.study() / "data" / "truth.csv";
  const std::string good_protocol = read_file(protocol), good_cases = read_file(cases), good_truth = read_file(truth);
  const auto refused = [&](const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const std::string before = text;
    test::replace(text, from, to);
    write_file(file, text);
    const test::Answered ran = place.lock();
    write_file(file, before);
    CHECK(ran.status >= 2);
    CHECK_FALSE(fs::exists(place.at("release")));
    CHECK_FALSE(fs::exists(place.at("release.part")));
    return ran.code();
  };
  CHECK(refused(protocol, "washout_days", "washout_dais") == "RS110");
  CHECK(refused(protocol, "custodians = [\"statistician\"", "custodians = [\"somebody\"") == "unknown_name");
  CHECK(refused(protocol, "2557b8c6", "0000b8c6") == "other_model");
  CHECK(refused(protocol, "class = \"consolidation\"", "class = \"mass\"") == "unknown_class");
  CHECK(refused(cases, "view\n", "consolidation\n") == "truth_in_manifest");
  CHECK(refused(cases, "../../films/images/p5-0001.dcm", "../../films/images/p5-0002.dcm") == "other_film");
  CHECK(refused(truth, "p5-0003", "p5-9999") == "missing_truth");
  CHECK(place.run(fmt::format("study lock --study {} --sign {} {} --now 2026-03-02", place.study().string(),
                              place.at("pi.key"), place.at("r1.key"))).code() == "signatures");
  std::string real = good_protocol;
  test::replace(real, "synthetic = true", "synthetic = false");
  write_file(protocol, real);
  CHECK(place.lock().code() == "real_time");
  write_file(protocol, good_protocol);
  CHECK(place.lock().status == 0);
}

TEST_CASE("readings that cannot be right end with their line and code", "[end_to_end]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "readings.csv";
  const auto code_of = [&](const std::string& rows) {
    write_file(file, fmt::format("reader,case,arm,truth,rating\n{}", rows));
    const test::Ran ran = test::run_shell(fmt::format("{} analyse {} --json", RATIONALE_DRIVER, file.string()));
    CHECK(ran.status == 3);
    return Json::parse(ran.output).at("load").at("code").get<std::string>();
  };
  CHECK(code_of("r1,c1,hidden,0,1\nr1,c1,hidden,0,2\n") == "duplicate_reading");
  CHECK(code_of("r1,c1,hidden,0,1\nr1,c1,visible,1,2\n") == "conflicting_truth");
  CHECK(code_of("r1,c1,hidden,0,inf\n") == "non_finite_rating");
  CHECK(code_of("r1,c1,hidden,2,1\n") == "bad_truth");
  CHECK(code_of("") == "empty");
  write_file(file, "reader,case,arm,truth,rating\nr1,c1,hidden,0,inf\n");
  const test::Ran plain = test::run_shell(fmt::format("{} analyse {} 2>&1", RATIONALE_DRIVER, file.string()));
  CHECK(plain.output.find("line 2") != std::string::npos);
}
