// Files for other programs, held against those programs' rules: first that the rules can fail, then our files.
#include <fmt/format.h>

#include <algorithm>

#include "data/base/file.h"
#include "data/cases/csv.h"
#include "study/export/export.h"
#include "study/export/rjafroc.h"
#include "study/statistics/froc_file.h"
#include "study/statistics/study_results.h"
#include "tests/study/export/peer_rules.h"
#include "tests/study/export/xlsx_reader.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

namespace {

struct Loaded {
  CsvTable table;
  StudyReadings readings;
  nlohmann::ordered_json results;

  ExportSet exported(const std::string& title = "A study") const {
    return export_readings({.readings = readings,
                            .table = table,
                            .results = results,
                            .study_id = "a-study",
                            .title = title,
                            .readers = {}});
  }
};

Loaded load(const std::string& csv, const ReadingsOptions& options = {}) {
  Loaded loaded{.table = parse_csv(csv, "readings.csv"), .readings = {}, .results = {}};
  LoadedReadings readings = load_readings(loaded.table, options);
  REQUIRE_FALSE(readings.error);
  loaded.readings = std::move(readings.readings);
  loaded.results = {{"n_readers", loaded.readings.readers.size()}};
  return loaded;
}

/// 2 readers, 2 arms, 4 normal and 3 diseased cases.
std::string small_study(const std::string& reader = "r", const std::string& first_arm = "hidden",
                        const std::string& second_arm = "visible") {
  std::string csv = "reader,case,arm,truth,rating,positive\n";
  int n = 0;
  for (const std::string& arm : {first_arm, second_arm}) {
    for (int j = 1; j <= 2; ++j) {
      for (int k = 1; k <= 7; ++k) {
        csv += fmt::format("{},case {},{},{},{},{}\n", csv_cell(reader + std::to_string(j)), k, csv_cell(arm),
                           k > 4 ? 1 : 0, (n * 7) % 11 - (k > 4 ? 0 : 3), n % 2);
        ++n;
      }
    }
  }
  return csv;
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The same readings, with the names of id_map.csv.
void check_same_readings(const test::PeerStudy& peer, const StudyReadings& study) {
  const StudyNames names = peer_names(names_of(study));
  REQUIRE(peer.rating.size() == study.records.size());
  CHECK(peer.truth.size() == study.normal.size() + study.diseased.size());
  std::size_t n_same = 0;
  for (const ReadingRecord& one : study.records) {
    const auto k = static_cast<std::size_t>(one.case_index);
    const std::string& id = one.is_diseased ? names.diseased[k] : names.normal[k];
    const auto found = peer.rating.find(
        {names.readers[static_cast<std::size_t>(one.reader)], names.arms[static_cast<std::size_t>(one.arm)], id});
    n_same +=
        found != peer.rating.end() && found->second == one.rating && peer.truth.at(id) == (one.is_diseased ? 1 : 0);
  }
  CHECK(n_same == study.records.size());
}

/// What this program makes of its own long.csv.
void check_same_again(const ExportSet& set, const StudyReadings& study) {
  const Loaded again = load(set.files.at("long.csv"), {.arms = study.arms, .positive_at = {}});
  CHECK(again.readings.readers == study.readers);
  CHECK(again.readings.normal == study.normal);
  CHECK(again.readings.diseased == study.diseased);
  REQUIRE(again.readings.records.size() == study.records.size());
  std::size_t n_same = 0;
  for (std::size_t i = 0; i < study.records.size(); ++i) {
    const ReadingRecord &a = study.records[i], &b = again.readings.records[i];
    n_same += a.arm == b.arm && a.reader == b.reader && a.case_index == b.case_index &&
              a.is_diseased == b.is_diseased && a.rating == b.rating && a.is_positive == b.is_positive &&
              a.is_ai_positive == b.is_ai_positive && a.confidence == b.confidence && a.time_s == b.time_s &&
              a.period == b.period;
  }
  CHECK(n_same == study.records.size());
}

struct Golden {
  const char* file;
  ReadingsOptions options;
  bool has_workbook;
};
const std::vector<Golden>& golden_studies() {
  static const std::vector<Golden> studies{
      {"vandyke", {{"1", "2"}, 4.0}, true},
      {"kundel", {{"1", "2", "3"}, 4.0}, false},
      {"clamp_r4", {}, true},
      {"missing_r5", {}, false},
      {"split_plot_r5", {}, false},
      {"sim_cxr120_r8", {}, true},
      {"sim_cxr300_r3", {}, true},
  };
  return studies;
}

}  // namespace

TEST_CASE("the peers' own example files keep the rules, and say the same study", "[export]") {
  const auto folder = test::shared("golden/statistics/formats", 3);
  if (!folder) return;
  const test::PeerStudy imrmc = test::as_imrmc(read_file(*folder / "example.imrmc"));
  const test::PeerStudy mrmcaov = test::as_mrmcaov(read_file(*folder / "example_mrmcaov.csv"));
  const test::PeerStudy rjafroc = test::as_rjafroc(test::read_xlsx(read_file(*folder / "example_rjafroc.xlsx")));
  CHECK(imrmc.fault == "RJafroc wants integers for cases");  // the example is for iMRMC alone
  for (const test::PeerStudy& one : {mrmcaov, rjafroc}) {
    CHECK(one.fault.value_or("kept") == "kept");
    REQUIRE(one.mean_auc().size() == 2);
    CHECK(one.mean_auc()[0] == Approx(0.8270833333).epsilon(1e-9));
    CHECK(one.mean_auc()[1] == Approx(0.88125).epsilon(1e-9));
  }
}

TEST_CASE("each rule of iMRMC is noticed when it is broken", "[export]") {
  const std::string good = load(small_study()).exported().files.at("readings.imrmc");
  CHECK(test::as_imrmc(good).fault.value_or("kept") == "kept");
  const std::vector<std::pair<std::string, std::string>> broken{
      {changed(good, "A study", "A"), "two or more"},
      {changed(good, "A study", "Note N0: 10"), "no integer from column 4"},
      {changed(good, "BEGIN DATA:", " BEGIN DATA:"), "begins with"},
      {changed(good, "BEGIN DATA:", "Begin data:"), "begins with"},
      {changed(good, "N0: 4", "N0: 5"), "not what the data say"},
      {good + "\n", "blank line"},
      {changed(good, "truth,1001,truth,0", "truth,1001,0,0"), "truth twice"},
      {changed(good, "truth,1001,truth,0", "truth,1001,truth,1.0"), "text 0 or 1"},
      {changed(good, "truth,1001,truth,0\n", "truth,1001,truth,0\ntruth,1001,truth,0\n"), "truth row twice"},
      {changed(good, "truth,1001,truth,0\n", ""), "without truth"},
      {changed(good, "r1,1001,hidden,", "r1,1001,hidden,NA"), "no number"},
      {changed(good, "r1,1001,hidden", "r 1,1001,hidden"), "blanks"},
      {changed(good, "r1,1001,hidden", "r1,1002,hidden"), "reading twice"},
      {changed(good, "r1,1001,hidden", "r1,C01,hidden"), "integers"},
      {changed(good, "\nr1,1001,hidden", "\nx\nr1,1001,hidden"), "one character"},
  };
  for (const auto& [text, rule] : broken) {
    const std::string fault = test::as_imrmc(text).fault.value_or("kept");
    INFO(fault);
    CHECK(fault.find(rule) != std::string::npos);
  }
}

TEST_CASE("titles and names never break the file of iMRMC", "[export]") {
  for (const char* title : {"x", "", "N0: five", "two\nlines", "BEGIN DATA:", "  "}) {
    const ExportSet set = load(small_study()).exported(title);
    CHECK(test::as_imrmc(set.files.at("readings.imrmc")).fault.value_or("kept") == "kept");
  }
  for (const char* reader : {"Dr. Who, ", "truth", "-1", "=1+1", "läser "}) {
    const Loaded loaded =
        load(small_study(reader, "B first", "A second"), {.arms = {"B first", "A second"}, .positive_at = {}});
    const ExportSet set = loaded.exported();
    const test::PeerStudy imrmc = test::as_imrmc(set.files.at("readings.imrmc"));
    CHECK(imrmc.fault.value_or("kept") == "kept");
    check_same_readings(imrmc, loaded.readings);
    // The first arm in string order is the control.
    const CsvTable map = parse_csv(set.files.at("id_map.csv"), "id_map.csv");
    std::vector<std::vector<std::string>> arms;
    for (const CsvRow& row : map.rows) {
      if (row.cells[0] == "arm") arms.push_back(row.cells);
    }
    REQUIRE(arms.size() == 2);
    CHECK(arms[0] == std::vector<std::string>{"arm", "1", "B first", "A1"});
    CHECK(arms[1] == std::vector<std::string>{"arm", "2", "A second", "A2"});
  }
}

TEST_CASE("exported names sort as the study does", "[export]") {
  std::vector<std::string> readers, cases;
  for (int i = 1; i <= 12; ++i) readers.push_back(fmt::format("r{}", i));
  for (int i = 1; i <= 1234; ++i) cases.push_back(fmt::format("c{}", i));
  const StudyNames names =
      peer_names({.readers = readers, .arms = {"no_ai", "with_ai"}, .normal = cases, .diseased = {"d"}});
  CHECK(names.readers.front() == "R01");  // r10 would come before r2
  CHECK(std::ranges::is_sorted(names.readers));
  CHECK(names.arms == std::vector<std::string>{"no_ai", "with_ai"});
  CHECK(names.normal.front() == "10001");
  CHECK(std::ranges::is_sorted(names.normal));
  CHECK(names.diseased.front() == "11235");
  const auto arms = [](const std::vector<std::string>& given) {
    return peer_names({.readers = {"a"}, .arms = given, .normal = {"1"}, .diseased = {"2"}}).arms;
  };
  CHECK(arms({"visible", "hidden"}) == std::vector<std::string>{"A1", "A2"});  // would be swapped
  CHECK(arms({"B", "a"}) == std::vector<std::string>{"A1", "A2"});             // by bytes so, by words not
  CHECK(arms({"1", "2"}) == std::vector<std::string>{"A1", "A2"});             // R would read numbers
}

#ifdef RATIONALE_HAS_WORKBOOK
TEST_CASE("each rule of RJafroc is noticed when it is broken", "[export]") {
  const auto good = test::read_xlsx(load(small_study()).exported().files.at("rjafroc.xlsx"));
  CHECK(test::as_rjafroc(good).fault.value_or("kept") == "kept");
  REQUIRE(good.size() == 3);
  constexpr std::size_t kTp = 0, kFp = 1, kTruth = 2;
  REQUIRE(good[kTruth].name == "Truth");
  const auto fault_after = [&](const auto& change) {
    auto book = good;
    change(book);
    return test::as_rjafroc(book).fault.value_or("kept");
  };
  using Book = std::vector<test::ReadSheet>;
  CHECK(fault_after([](Book& b) { b.push_back({"Notes", {}}); }) == "exactly three sheets");
  CHECK(fault_after([](Book& b) { b[kTruth].rows[1][5] = std::string("LROC"); }) == "the paradigm's words");
  CHECK(fault_after([](Book& b) { b[kTruth].rows[2][5] = std::monostate{}; }) == "the paradigm's words");
  CHECK(fault_after([](Book& b) { b[kTruth].rows[2][3] = std::string("r1"); }).find("differ between rows") !=
        std::string::npos);
  CHECK(fault_after([](Book& b) { b[kTruth].rows.back()[1] = 2.0; }).find("in order") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kTruth].rows.back()[2] = 0.5; }).find("add up") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kTruth].rows[1][0] = 1.5; }).find("integer") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kTruth].rows[1][2] = std::monostate{}; }).find("empty") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kFp].rows[0][3] = std::string("Rating"); }) == "a header name differs");
  CHECK(fault_after([](Book& b) { b[kFp].rows[1][3] = std::string("NA"); }).find("text") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kFp].rows.pop_back(); }).find("is missing") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kTp].rows.push_back(b[kTp].rows[1]); }) == "a reading twice");
  CHECK(fault_after([](Book& b) { b[kTp].rows[1][2] = 99.0; }).find("does not have") != std::string::npos);
  CHECK(fault_after([](Book& b) { b[kFp].rows[1][2] = 1005.0; }).find("diseased") != std::string::npos);
}

TEST_CASE("a workbook keeps every digit that it can, or is refused", "[export]") {
  const std::string close = changed(small_study(), ",-3,", ",0.30000000000000004,");
  const ExportSet kept = load(close).exported();
  CHECK(kept.files.contains("rjafroc.xlsx"));  // alone it is near enough
  const ExportSet set = load(changed(close, ",4,", ",0.3,")).exported();
  REQUIRE(set.left_out.size() == 1);
  CHECK(set.left_out[0].file == "rjafroc.xlsx");
  CHECK(set.left_out[0].code == "precision");
}

TEST_CASE("a workbook of a free-response study holds every mark", "[export]") {
  for (const char* name : {"froc_fed", "froc_sim"}) {
    const auto marks_file = test::shared(fmt::format("golden/statistics/data/{}.csv", name), 1);
    if (!marks_file) return;
    const CsvTable marks = read_csv(*marks_file);
    const CsvTable truth = read_csv(marks_file->parent_path() / fmt::format("{}_truth.csv", name));
    std::vector<std::string> arms;
    for (const CsvRow& row : marks.rows) {
      const std::string& arm = row.cells[marks.need("arm")];
      if (std::ranges::find(arms, arm) == arms.end()) arms.push_back(arm);
    }
    std::ranges::sort(arms);
    const FrocStudy study = load_froc(marks, truth, arms);
    const auto made = rjafroc_froc(study, marks, truth);
    REQUIRE(std::holds_alternative<FrocExport>(made));
    const auto book = test::read_xlsx(workbook(std::get<FrocExport>(made).sheets));
    CHECK(test::as_rjafroc(book).fault.value_or("kept") == "kept");
    CHECK(book[0].rows.size() + book[1].rows.size() - 2 == marks.rows.size());
    CHECK(book[2].rows.size() - 1 == truth.rows.size());
    CHECK(std::get<FrocExport>(made).id_map_csv.find("arm,1,") != std::string::npos);
  }
}
#endif

TEST_CASE("each rule of MRMCaov is noticed when it is broken", "[export]") {
  const std::string good = load(small_study()).exported().files.at("mrmcaov.csv");
  CHECK(test::as_mrmcaov(good).fault.value_or("kept") == "kept");
  const std::vector<std::pair<std::string, std::string>> broken{
      {changed(good, "treatment", "test"), "no column"},
      {changed(good, "r1,hidden,1001,0,", "r1,hidden,1001,2,"), "truth sorts"},
      {changed(good, "r1,hidden,1001,0,", "r1,hidden,1001,1,"), "two truths"},
      {changed(good, "r1,hidden,1001,0,", "r1,hidden,1001,0,NA"), "no number"},
      {changed(good, "r1,hidden,1001", "r1,hidden,1002"), "reading twice"},
      {changed(good, "r1,hidden,1001,0,", "r1,hidden,1001,0,1,"), "another width"},
  };
  for (const auto& [text, rule] : broken) {
    const std::string fault = test::as_mrmcaov(text).fault.value_or("kept");
    INFO(fault);
    CHECK(fault.find(rule) != std::string::npos);
  }
}

TEST_CASE("every golden study becomes files that keep the peers' rules and say the same readings", "[export]") {
  for (const Golden& golden : golden_studies()) {
    const auto file = test::shared(fmt::format("golden/statistics/data/{}.csv", golden.file), 1);
    if (!file) return;
    INFO(golden.file);
    const Loaded loaded = load(read_file(*file), golden.options);
    const ExportSet set = loaded.exported();
    const test::PeerStudy imrmc = test::as_imrmc(set.files.at("readings.imrmc"));
    const test::PeerStudy mrmcaov = test::as_mrmcaov(set.files.at("mrmcaov.csv"));
    for (const test::PeerStudy* one : {&imrmc, &mrmcaov}) {
      CHECK(one->fault.value_or("kept") == "kept");
      check_same_readings(*one, loaded.readings);
    }
    check_same_again(set, loaded.readings);
#ifdef RATIONALE_HAS_WORKBOOK
    REQUIRE(set.files.contains("rjafroc.xlsx") == golden.has_workbook);
    if (!golden.has_workbook) {
      REQUIRE(set.left_out.size() == 1);
      CHECK(set.left_out[0].code == "design");
      continue;
    }
    const test::PeerStudy rjafroc = test::as_rjafroc(test::read_xlsx(set.files.at("rjafroc.xlsx")));
    CHECK(rjafroc.fault.value_or("kept") == "kept");
    check_same_readings(rjafroc, loaded.readings);
    CHECK(rjafroc.mean_auc() == imrmc.mean_auc());
#endif
  }
}

TEST_CASE("a study that a peer cannot read is left out with the reason, or comes with a warning", "[export]") {
  std::string normals = "reader,case,arm,truth,rating\n";
  for (int k = 1; k <= 4; ++k) normals += fmt::format("r1,c{0},hidden,0,{0}\nr1,c{0},visible,0,{1}\n", k, 5 - k);
  const ExportSet set = load(normals).exported();
  CHECK(set.left_out.size() == 3);
  for (const LeftOut& one : set.left_out) {
    CHECK(one.code == "one_truth");
    CHECK_FALSE(set.files.contains(one.file));
  }
  CHECK(set.files.contains("long.csv"));

  std::string few = small_study();
  few = changed(few, "r1,case 7,hidden", "r3,case 7,hidden");  // r1 keeps two diseased cases in that arm
  const ExportSet warned = load(few).exported();
  CHECK(test::as_imrmc(warned.files.at("readings.imrmc")).fault.value_or("kept").find("dropped silently") !=
        std::string::npos);
  REQUIRE(warned.notes.size() == 1);
  CHECK(warned.notes[0].find("leaves out a reader") != std::string::npos);
}
