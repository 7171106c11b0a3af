// Free-response figures of merit and their OR analysis against RJafroc.
#include <fmt/format.h>

#include <set>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/samples/stream.h"
#include "study/statistics/froc_file.h"
#include "study/statistics/froc_json.h"
#include "tests/study/statistics/golden_numbers.h"
#include "tests/study/statistics/json_compare.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// R fills tables up with null, and unboxes lists of one.
Json without_nulls(const Json& json) {
  if (json.is_object()) {
    Json result = Json::object();
    for (const auto& [key, value] : json.items()) result[key] = without_nulls(value);
    return result;
  }
  if (!json.is_array()) return json;
  Json result = Json::array();
  for (const Json& one : json) {
    if (!one.is_null()) result.push_back(without_nulls(one));
  }
  return result.size() == 1 ? result[0] : result;
}

/// Figures of merit exact; S, MS, SE abs 1e-13; F, t, df, CI rel 1e-10 (df 1e-8); p rel 1e-10. RJafroc's values
/// are printed with 15 digits, so that no relative error below 1e-14 can be seen.
test::Tolerance tolerance(const std::string& path) {
  if (path.starts_with("figures_of_merit")) return {1e-13, 0};
  const bool is_limit = path.find(".CI") != std::string::npos;
  return {is_limit ? 1e-10 : 1e-13, path.find("DF") != std::string::npos ? 1e-8 : 1e-10};
}

CsvTable marks_table(const std::string& rows) {
  return parse_csv("reader,arm,case,lesion,rating\n" + rows, "marks.csv");
}
CsvTable truth_table(const std::string& rows) { return parse_csv("case,truth,lesion,weight\n" + rows, "truth.csv"); }

/// Marks of two arms and two readers on `cases` cases, every third normal; case c has c % 2 + 1 lesions if diseased.
struct MadeMarks {
  std::string marks, truth;
};
template <typename PatientOf>
MadeMarks made_marks(int cases, int copies, const PatientOf& patient_of) {
  samples::Stream stream(5, 0, 9);
  MadeMarks made;
  for (int c = 1; c <= cases; ++c) {
    const int lesions = c % 3 == 0 ? 0 : c % 2 + 1;
    std::vector<std::string> marks;  // reader,arm,case{},lesion,rating
    for (const char* reader : {"R1", "R2"}) {
      for (const char* arm : {"hidden", "visible"}) {
        for (int n = 0; n < 2; ++n) {
          if (stream.bernoulli(0.4)) marks.push_back(fmt::format("{},{},@,0,{}", reader, arm, 1 + static_cast<int>(4 * stream.uniform())));
        }
        for (int l = 1; l <= lesions; ++l) {
          if (stream.bernoulli(0.7)) marks.push_back(fmt::format("{},{},@,{},{}", reader, arm, l, 2 + static_cast<int>(4 * stream.uniform())));
        }
      }
    }
    for (int copy = 0; copy < copies; ++copy) {
      const std::string id = fmt::format("{}", copies * c + copy);
      for (std::string mark : marks) made.marks += mark.replace(mark.find('@'), 1, id) + "\n";
      for (int l = lesions == 0 ? 0 : 1; l <= lesions; ++l) {
        made.truth += fmt::format("{},{},{},{},{}\n", id, lesions == 0 ? 0 : 1, l, lesions == 0 ? 0.0 : 1.0 / lesions, patient_of(c));
      }
    }
  }
  return made;
}

FrocStudy with_patients(const MadeMarks& made) {
  return load_froc(marks_table(made.marks), parse_csv("case,truth,lesion,weight,patient\n" + made.truth, "truth.csv"), {});
}

const char* const kTruth = "1,0,0,0\n2,0,0,0\n3,1,1,0.5\n3,1,2,0.5\n4,1,1,1\n";

}  // namespace

TEST_CASE("free-response studies give the reference's numbers", "[study][golden][froc]") {
  const auto folder = test::shared("golden/statistics", 2);
  if (!folder) return;
  const std::string name = GENERATE("froc_sim", "froc_fed");
  Json wanted = Json::parse(read_file(*folder / "expected" / (name + ".json")));
  for (const char* key : {"data", "note", "max_abs_difference_own_vs_RJafroc"}) wanted.erase(key);
  std::vector<std::string> arms;
  for (Json& arm : wanted["arms"]) {
    if (arm.is_number()) arm = std::to_string(arm.get<int>());
    arms.push_back(arm);
  }
  for (Json& reader : wanted["readers"]) {
    if (reader.is_number()) reader = std::to_string(reader.get<int>());
  }
  const FrocStudy study = load_froc(read_csv(*folder / "data" / (name + ".csv")),
                                    read_csv(*folder / "data" / (name + "_truth.csv")), arms);
  const auto result =
      test::compare_all(without_nulls(froc_json(study)), without_nulls(wanted), "", tolerance);
  test::print_compared(name + ".json", result);
  CHECK(result.n > 500);
}

TEST_CASE("figures of merit of a study small enough to count", "[study][froc]") {
  // Normal 1 has a mark of 2, normal 2 none. Lesions: case 3 at 3 and unmarked, case 4 at 2.
  const FrocStudy study = load_froc(
      marks_table("R1,hidden,1,0,2\nR1,hidden,3,1,3\nR1,hidden,4,1,2\nR1,visible,1,0,1\n"), truth_table(kTruth), {});
  const auto value = [&](FrocMerit merit) { return froc_jackknife(study, merit).value(0); };
  // psi with (normal 1, normal 2): lesion 3.1: 1, 1; lesion 3.2: 0, 1/2; lesion 4.1: 1/2, 1.
  CHECK(value(FrocMerit::kAfroc) == Approx(4.0 / 6));
  CHECK(value(FrocMerit::kWafroc) == Approx((0.5 * 1 + 0.5 * 0.25 + 0.75) / 2));
  CHECK(value(FrocMerit::kHrAuc) == Approx((1 + 1 + 0.5 + 1) / 4));
  CHECK(value(FrocMerit::kMaxLlf) == Approx(2.0 / 3));
  CHECK(value(FrocMerit::kMaxNlf) == Approx(0.5));
  CHECK(value(FrocMerit::kHrSe) == 1);
  CHECK(value(FrocMerit::kHrSp) == 0.5);
}

TEST_CASE("the jackknife of a figure of merit is the figure without each case", "[study][froc]") {
  const std::string marks =
      "R1,hidden,1,0,2\nR1,hidden,2,0,4\nR1,hidden,3,1,3\nR1,hidden,3,0,5\nR1,hidden,4,1,2\n"
      "R1,visible,1,0,1\nR1,visible,5,1,4\nR1,hidden,6,0,1\n";
  const std::string truth = std::string(kTruth) + "5,1,1,1\n6,0,0,0\n";
  const FrocStudy all = load_froc(marks_table(marks), truth_table(truth), {});
  for (std::size_t m = 0; m < kFrocMeritNames.size(); ++m) {
    const auto merit = static_cast<FrocMerit>(m);
    const FrocJackknife jackknife = froc_jackknife(all, merit);
    const bool is_diseased_only = merit == FrocMerit::kMaxLlf || merit == FrocMerit::kHrSe;
    const bool is_normal_only = merit == FrocMerit::kMaxNlf || merit == FrocMerit::kHrSp;
    const std::vector<std::string> order =
        is_diseased_only ? std::vector<std::string>{"3", "4", "5"}
        : is_normal_only ? std::vector<std::string>{"1", "2", "6"}
                         : std::vector<std::string>{"1", "2", "6", "3", "4", "5"};
    REQUIRE(jackknife.without.cols() == static_cast<Eigen::Index>(order.size()));
    for (std::size_t k = 0; k < order.size(); ++k) {
      CsvTable fewer_marks = marks_table(marks), fewer_truth = truth_table(truth);
      std::erase_if(fewer_marks.rows, [&](const CsvRow& row) { return row.cells[2] == order[k]; });
      std::erase_if(fewer_truth.rows, [&](const CsvRow& row) { return row.cells[0] == order[k]; });
      const double rest = froc_jackknife(load_froc(fewer_marks, fewer_truth, {}), merit).value(0);
      INFO(kFrocMeritNames[m] << " without case " << order[k]);
      CHECK(jackknife.without(0, static_cast<Eigen::Index>(k)) == Approx(rest).epsilon(1e-14));
    }
  }
}

TEST_CASE("free-response files are refused with their line", "[study][froc]") {
  const std::string one = "R1,hidden,1,0,2\nR1,visible,1,0,2\n";
  const auto where = [&](const std::string& marks, const std::string& truth) -> std::string {
    try {
      load_froc(marks_table(marks), truth_table(truth), {});
    } catch (const Error& error) {
      return error.where;
    }
    return "accepted";
  };
  CHECK(where(one, kTruth) == "accepted");
  CHECK(where(one + "R1,hidden,9,0,2\n", kTruth) == "marks.csv:4");         // no such case
  CHECK(where(one + "R1,hidden,4,2,2\n", kTruth) == "marks.csv:4");         // no such lesion
  CHECK(where(one + "R1,hidden,4,1,inf\n", kTruth) == "marks.csv:4");
  CHECK(where(one + "R1,hidden,4,1,1\nR1,hidden,4,1,2\n", kTruth) == "marks.csv:5");
  CHECK(where(one, std::string(kTruth) + "5,2,0,0\n") == "truth.csv:7");
  CHECK(where(one, std::string(kTruth) + "5,0,1,0\n") == "truth.csv:7");
  CHECK(where(one, std::string(kTruth) + "4,0,0,0\n") == "truth.csv:7");
  CHECK(where(one, std::string(kTruth) + "5,1,1,0.7\n") == "truth.csv");    // weights
  CHECK(where("R1,a,1,0,2\nR1,b,1,0,2\n", kTruth) == "marks.csv");          // which arms?
}

TEST_CASE("one case a patient changes nothing in a free-response study", "[study][froc][cluster]") {
  const MadeMarks named = made_marks(24, 1, [](int c) { return fmt::format("P{}", 99 - c); });
  const MadeMarks empty = made_marks(24, 1, [](int) { return std::string(); });
  Json by_patient = froc_json(with_patients(named)), by_case = froc_json(with_patients(empty));
  CHECK(by_patient["cluster"]["unit"] == "case");
  CHECK(by_patient["cluster"]["n_patients"] == 24);
  CHECK(test::same_numbers(by_patient, by_case, 1e-9) > 1000);
}

TEST_CASE("a copy of every case under the same patient adds nothing to a free-response study", "[study][froc][cluster]") {
  const auto patient = [](int c) { return fmt::format("P{}", c); };
  const FrocStudy once = with_patients(made_marks(24, 1, patient)), twice = with_patients(made_marks(24, 2, patient));
  for (std::size_t m = 0; m < kFrocMeritNames.size(); ++m) {
    const FrocJackknife a = froc_jackknife(once, static_cast<FrocMerit>(m)), b = froc_jackknife(twice, static_cast<FrocMerit>(m));
    INFO(kFrocMeritNames[m]);
    CHECK(b.value.isApprox(a.value, 1e-13));
    CHECK(b.without.cols() == a.without.cols());
    CHECK(b.covariance().isApprox(a.covariance(), 1e-10));
  }
  const Json json = froc_json(twice);
  CHECK(json["cluster"]["unit"] == "patient");
  CHECK(json["cluster"]["most_cases_of_a_patient"] == 2);
  // By case the same readings look surer.
  FrocStudy blind = twice;
  for (std::size_t k = 0; k < blind.normal_patient.size(); ++k) blind.normal_patient[k] = static_cast<int>(k);
  for (std::size_t k = 0; k < blind.diseased_patient.size(); ++k) blind.diseased_patient[k] = static_cast<int>(blind.normal.size() + k);
  CHECK(froc_json(blind)["OR_jackknife"]["wAFROC"]["FRRC"]["differences"]["visible - hidden"]["se"].get<double>() <
        0.8 * json["OR_jackknife"]["wAFROC"]["FRRC"]["differences"]["visible - hidden"]["se"].get<double>());
}

TEST_CASE("the jackknife of marks leaves out a patient with cases of either truth", "[study][froc][cluster]") {
  const MadeMarks made = made_marks(16, 1, [](int c) { return fmt::format("P{}", c < 4 ? 0 : c / 3); });  // of 1 to 3 cases
  const FrocStudy all = with_patients(made);
  REQUIRE(all.patients().is_any_mixed);
  const CsvTable truth = parse_csv("case,truth,lesion,weight,patient\n" + made.truth, "truth.csv");
  for (std::size_t m = 0; m < kFrocMeritNames.size(); ++m) {
    const auto merit = static_cast<FrocMerit>(m);
    const FrocJackknife jackknife = froc_jackknife(all, merit);
    const bool is_of_one_truth = m >= static_cast<std::size_t>(FrocMerit::kMaxLlf);
    if (!is_of_one_truth) REQUIRE(jackknife.without.cols() == all.patients().n);
    std::vector<int> entering = merit == FrocMerit::kMaxNlf || merit == FrocMerit::kHrSp ? all.normal_patient : all.diseased_patient;
    if (!is_of_one_truth) entering.insert(entering.end(), all.normal_patient.begin(), all.normal_patient.end());
    const std::set<int> patients(entering.begin(), entering.end());
    REQUIRE(jackknife.without.cols() == static_cast<Eigen::Index>(patients.size()));
    Eigen::Index column = 0;
    for (const int patient : patients) {
      std::set<std::string> gone;
      for (std::size_t k = 0; k < all.normal.size(); ++k) if (all.normal_patient[k] == patient) gone.insert(all.normal[k]);
      for (std::size_t k = 0; k < all.diseased.size(); ++k) if (all.diseased_patient[k] == patient) gone.insert(all.diseased[k]);
      CsvTable fewer_marks = marks_table(made.marks), fewer_truth = truth;
      std::erase_if(fewer_marks.rows, [&](const CsvRow& row) { return gone.contains(row.cells[2]); });
      std::erase_if(fewer_truth.rows, [&](const CsvRow& row) { return gone.contains(row.cells[0]); });
      const FrocJackknife rest = froc_jackknife(load_froc(fewer_marks, fewer_truth, {}), merit);
      INFO(kFrocMeritNames[m] << " without patient " << patient);
      CHECK(jackknife.without.col(column++).isApprox(rest.value, 1e-13));
    }
  }
}

TEST_CASE("every free-response figure has the three analyses, and pseudovalues agree with the jackknife", "[study][froc]") {
  const Json json = froc_json(with_patients(made_marks(30, 1, [](int c) { return fmt::format("P{}", c / 2); })));
  REQUIRE(json["OR_jackknife"].size() == kFrocMeritNames.size());
  for (const auto& [name, analysis] : json["OR_jackknife"].items()) {
    INFO(name);
    for (const char* method : {"RRRC", "FRRC", "RRFC"}) CHECK(analysis[method]["differences"]["visible - hidden"].contains("status"));
    if (!analysis["RRRC"].contains("F") || !analysis["DBM"]["RRRC"].contains("F")) continue;
    CHECK(analysis["DBM"]["RRRC"]["F"].get<double>() == Approx(analysis["RRRC"]["F"].get<double>()).epsilon(1e-8));
    CHECK(analysis["DBM"]["RRRC"]["p"].get<double>() == Approx(analysis["RRRC"]["p"].get<double>()).epsilon(1e-8));
  }
  CHECK(json["OR_jackknife"]["HrSe"]["RRRC"]["arms"]["hidden"].contains("upper_clipped"));
  CHECK_FALSE(json["OR_jackknife"]["MaxNLF"]["RRRC"]["arms"]["hidden"].contains("upper_clipped"));
}

TEST_CASE("patients of marks that cannot be told are refused", "[study][froc][cluster]") {
  const auto said = [](const std::string& marks, const std::string& truth) -> std::string {
    try {
      load_froc(parse_csv(marks, "marks.csv"), parse_csv(truth, "truth.csv"), {});
    } catch (const Error& error) {
      return error.where;
    }
    return "accepted";
  };
  const std::string marks = "reader,arm,case,lesion,rating\nR1,hidden,1,0,2\nR1,visible,1,0,2\n";
  const std::string truth = "case,truth,lesion,weight,patient\n1,0,0,0,A\n2,0,0,0,B\n3,1,1,0.5,A\n3,1,2,0.5,A\n4,1,1,1,\n";
  CHECK(said(marks, truth) == "accepted");
  CHECK(said(marks, truth + "3,1,3,0,B\n") == "truth.csv:7");
  CHECK(said(marks, "case,truth,lesion,weight,patient\n1,0,0,0,A\n2,0,0,0,A\n3,1,1,1,A\n4,1,1,1,B\n") == "truth.csv");
  CHECK(said("reader,arm,case,lesion,rating,patient\nR1,hidden,1,0,2,A\nR1,visible,1,0,2,A\n",
             "case,truth,lesion,weight\n1,0,0,0\n2,0,0,0\n3,1,1,1\n4,1,1,1\n") == "marks.csv");
}

TEST_CASE("one reader has figures of merit and no population claim", "[study][froc]") {
  const FrocStudy study =
      load_froc(marks_table("R1,hidden,1,0,2\nR1,visible,3,1,2\n"), truth_table(kTruth), {});
  const Json json = froc_json(study);
  CHECK(json["OR_jackknife"]["code"] == "one_reader");
  CHECK(json["figures_of_merit"]["wAFROC"].size() == 2);
}
