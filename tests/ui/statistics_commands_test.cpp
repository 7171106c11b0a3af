// `rationale study power` and `rationale analyse froc`, run as programs.
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using test::Answer;
using test::run_driver;

TEST_CASE("study power answers from a pilot's components", "[ui][study]") {
  // Van Dyke, by jackknife (golden/statistics/expected/power.json): 213 cases with 5 readers, none with 3.
  const std::string pilot =
      "study power --metric auc --components "
      "0.000200402523581458,0.000802288265572067,0.000346613709440732,0.000344074828860889,0.000239028370892154 "
      "--pilot-cases 114 --effect 0.05 --readers 3,5 --cases 114 ";
  const Answer answer = run_driver(pilot + "--json");
  REQUIRE(answer.code == 0);
  const auto json = answer.json();
  CHECK(json["schema"] == "rationale.study.power");
  CHECK(json["KStar"] == 114);
  CHECK(json["grid"].size() == 6);
  CHECK(json["cases_for_80pct"]["5"]["KRRRC"] == 213);
  CHECK(json["cases_for_80pct"]["3"]["code"] == "not_reachable");
  const Answer table = run_driver(pilot);
  CHECK(table.code == 0);
  CHECK(table.out.find("not reachable with 3 readers") != std::string::npos);
  CHECK(table.out.find("213 cases") != std::string::npos);
}

TEST_CASE("study power takes a pilot's readings, and simulates the same twice", "[ui][study]") {
  const auto folder = test::shared("golden/statistics", 2);
  if (!folder) return;
  const auto data = (*folder / "data" / "sim_cxr300_r3.csv").string();
  const auto json = run_driver("study power --pilot " + data + " --metric fpr --readers 3 --cases 180 --json").json();
  const auto golden = nlohmann::json::parse(read_file(*folder / "expected" / "mrmc_sim_cxr300_r3.json"));
  const auto& components = golden["fpr"]["OR_unbiased"]["cov_components"];
  CHECK(json["KStar"] == 180);
  CHECK(json["components"]["Cov1"].get<double>() == Approx(components["Cov1"].get<double>()).epsilon(1e-10));
  const std::string simulate =
      "study power --simulate 40 --metric auc --roe-metz LH --readers 4 --cases 60 --effect 0.1 --seed 3 --json";
  const Answer first = run_driver(simulate), second = run_driver(simulate);
  REQUIRE(first.code == 0);
  CHECK(first.out == second.out);
  CHECK(first.json()["simulation"]["grid"][0]["runs"] == 40);
}

TEST_CASE("study power sizes non-inferiority and takes a protocol's end point", "[ui][study]") {
  const std::string components = "study power --components 0.0002,8e-4,3.5e-4,3.4e-4,2.4e-4 --pilot-cases 114 --cases 200 ";
  const auto margin = run_driver(components + "--metric sensitivity --margin 0.05 --readers 5,8 --json").json();
  CHECK(margin["claim"] == nlohmann::json{{"aim", "noninferiority"}, {"margin", 0.05}});
  CHECK(margin["grid"][0]["effect"] == 0.0);
  const auto lost = run_driver(components + "--metric sensitivity --margin 0.05 --effect 0.02 --readers 5,8 --json").json();
  CHECK(lost["grid"][0]["power"].get<double>() < margin["grid"][0]["power"].get<double>());
  CHECK(run_driver("study power --probit --margin 0.05").code == 2);
  const Answer table = run_driver(components + "--metric sensitivity --margin 0.05 --readers 5,8");
  CHECK(table.out.find("Loss 0 against a margin of 0.05") != std::string::npos);
  CHECK(table.out.find("max(RRRC, RRFC)") != std::string::npos);

  const TemporaryFolder folder;
  std::string protocol = read_file(std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols/crossover.toml");
  const std::string file = (folder.path() / "protocol.toml").string(), plot = (folder.path() / "power.svg").string();
  write_file(file, protocol);
  CHECK(run_driver(components + "--protocol " + file).code == 2);  // says no effect to find
  const std::string off = "# min_effect = -0.05", alpha = "# alpha = 0.05";
  REQUIRE(protocol.find(off) != std::string::npos);
  protocol.replace(protocol.find(off), off.size(), "min_effect = -0.06");
  protocol.replace(protocol.find(alpha), alpha.size(), "alpha = 0.01");
  write_file(file, protocol);
  const auto planned = run_driver(components + "--protocol " + file + " --json --plot " + plot).json();
  CHECK(planned["metric"] == "fpr");
  CHECK(planned["alpha"] == 0.01);
  CHECK(planned["grid"][0]["effect"] == -0.06);
  CHECK(planned["grid"][0]["J"] == 4);
  CHECK(run_driver(components + "--protocol " + file + " --alpha 0.05 --json").json()["alpha"] == 0.05);
  const std::string svg = read_file(plot);
  CHECK(svg.starts_with("<svg xmlns"));
  CHECK(svg.find("4 readers") != std::string::npos);
}

TEST_CASE("study power integrates the probit model, the formula beside it", "[ui][study]") {
  const std::string ask = "study power --fpr 0.05 --reader-by-arm 0.04 --effect 0.15 --readers 5 --cases 180 ";
  const Answer answer = run_driver(ask + "--probit --json");
  REQUIRE(answer.code == 0);
  const auto row = answer.json()["probit"]["grid"][0];
  CHECK(row["power"] == row["power_by_probit_model"]);
  // A rare rate is multiplied: readers' differences are skewed, and the formula is too low.
  CHECK(row["power_by_probit_model"].get<double>() > row["power_by_formula"].get<double>() + 0.02);
  CHECK(row["power_rrrc_rrfc_max"].get<double>() <= row["power_by_probit_model"].get<double>());
  const auto simulated = run_driver(ask + "--simulate 400 --seed 3 --json").json()["simulation"]["grid"][0];
  CHECK(simulated["power_by_probit_model"] == row["power"]);
  CHECK(std::abs(simulated["power"].get<double>() - row["power"].get<double>()) < 4 * simulated["standard_error"].get<double>() + 0.02);
  const Answer text = run_driver(ask + "--probit");
  CHECK(text.out.find("RRRC, by the probit model") != std::string::npos);
  CHECK(text.out.find("Hillis, Obuchowski & Berbaum 2011") != std::string::npos);
  CHECK(run_driver("study power --probit --metric auc").code == 2);
  CHECK(run_driver("study power --probit --fpr 0.98 --effect 0.05").code == 3);
}

TEST_CASE("study power averages the power over an uncertain effect", "[ui][study]") {
  const std::string ask = "study power --fpr 0.15 --effect 0.10 --readers 5 --cases 100 --effect-sd 0.06 ";
  const Answer answer = run_driver(ask + "--probit --json");
  REQUIRE(answer.code == 0);
  const auto probit = answer.json()["probit"];
  const auto row = probit["grid"][0];
  CHECK(row["assurance"] == row["assurance_by_probit_model"]);
  CHECK(row["assurance"].get<double>() < row["power"].get<double>() - 0.05);
  CHECK(row["assurance_rrrc_rrfc_max"].get<double>() <= row["assurance"].get<double>());
  CHECK(probit["effect_prior"]["by_effect"][0]["cut"].get<double>() == Approx(0.5 * std::erfc(0.249 / 0.06 / std::sqrt(2.0))));
  const auto simulated = run_driver(ask + "--simulate 300 --seed 3 --json").json()["simulation"]["grid"][0];
  CHECK(simulated["assurance_by_probit_model"] == row["assurance"]);
  CHECK(std::abs(simulated["assurance"].get<double>() - row["assurance"].get<double>()) <
        4 * simulated["assurance_standard_error"].get<double>() + 0.02);
  const Answer text = run_driver(ask + "--probit");
  CHECK(text.out.find("standard deviation 0.06: assurance (max(RRRC, RRFC), by the probit model)") != std::string::npos);
  CHECK(text.out.find("the other sign has a chance of 0.048") != std::string::npos);
  CHECK(run_driver("study power --probit --effect 0 --effect-sd 0.02").code == 3);
  CHECK(run_driver("study power --probit --effect-sd -1").code == 2);
}

TEST_CASE("study power says how many cases a model needs, or that no number does", "[ui][study]") {
  const std::string model = "study power --fpr 0.15 --effect 0.10 --reader-by-arm 0.04 --cases 60,400 ";
  const Answer answer = run_driver(model + "--readers 3,10 --probit --json");
  REQUIRE(answer.code == 0);
  const auto probit = answer.json()["probit"];
  for (const std::string test : {"RRRC", "_rrrc_rrfc_max"}) {
    const auto& needed = probit["cases_for_80pct" + (test == "RRRC" ? "" : test)];
    INFO(needed.dump());
    CHECK(needed["3"]["code"] == "not_reachable");
    CHECK(needed["3"]["reason"].get<std::string>().find("not reachable with 3 readers") == 0);
    CHECK(needed["3"]["estimate"].get<double>() < 0.8);
    REQUIRE(needed["10"]["status"] == "ok");
    // The power of the table with so many cases, and with one less.
    const int n = needed["10"]["K" + test];
    const auto rows = run_driver("study power --fpr 0.15 --effect 0.10 --reader-by-arm 0.04 --probit --readers 10 --json --cases " +
                                 std::to_string(n - 1) + "," + std::to_string(n))
                          .json()["probit"]["grid"];
    const std::string key = test == "RRRC" ? "power" : "power_rrrc_rrfc_max";
    CHECK(rows[0][key].get<double>() < 0.8);
    CHECK(rows[1][key].get<double>() >= 0.8);
    CHECK(rows[1][key] == needed["10"]["power" + test]);
    CHECK(needed["10"]["readings_per_reader"] == 2 * n);
  }
  const int exact = probit["cases_for_80pct"]["10"]["KRRRC"];

  const std::string simulate = model + "--simulate 200 --seed 5 ";
  const auto simulated = run_driver(simulate + "--readers 3,10 --json").json()["simulation"]["cases_for_80pct"];
  CHECK(simulated["3"]["code"] == "not_reachable");
  CHECK(simulated["3"]["reason"].get<std::string>().find("with up to 400 cases") != std::string::npos);
  CHECK(simulated["10"]["KRRRC"].get<int>() > exact / 2);
  CHECK(simulated["10"]["KRRRC"].get<int>() < exact * 2);
  CHECK(simulated["10"]["powerRRRC"].get<double>() >= 0.8);
  const Answer text = run_driver(simulate + "--readers 3");
  CHECK(text.out.find("Cases for a power of 0.8, simulated, to about a twentieth:\n    3 readers: not reachable") != std::string::npos);
  const Answer both = run_driver("study power --fpr 0.15 --effect 0.08,0.10 --readers 10 --cases 60 --probit");
  CHECK(both.out.find("Cases for a power of 0.8 by max(RRRC, RRFC):\n   10 readers: ") != std::string::npos);
}

TEST_CASE("study power says what it asks of a reader", "[ui][study]") {
  const std::string ask = "study power --components 0.0002,0.0008,0.00035,0.00034,0.00024 --pilot-cases 114 --readers 5,8 "
                          "--cases 90,181 ";
  const auto json = run_driver(ask + "--json").json();
  CHECK(json["reading_pace"]["seconds"] == 90);
  CHECK(json["reading_pace"]["seconds_from"] == "default");
  REQUIRE(json["grid"].size() == 12);
  for (const auto& row : json["grid"]) {
    CHECK(row["readings_per_reader"] == 2 * row["K"].get<int>());
    CHECK(row["hours_per_reader"] == row["K"].get<int>() / 20.0);  // 2 x 90 s
    CHECK(row["sessions_per_reader"] == (row["K"] == 90 ? 4 : 8));
  }
  const auto& needed = json["cases_for_80pct"]["5"];
  CHECK(needed["readings_per_reader"] == 2 * needed["KRRRC"].get<int>());
  const Answer text = run_driver(ask + "--seconds 45 --share 0.5 --session-readings 100");
  CHECK(text.out.find("45 s a reading; a session ends after 100 readings or 90 minutes; 50 % of all cases count") != std::string::npos);
  CHECK(text.out.find("    181         362         724         9.1           8\n") != std::string::npos);
  CHECK(text.out.find(" sessions a reader\n") != std::string::npos);
  const auto probit = run_driver("study power --probit --readers 5 --cases 60 --share 0.6 --json").json()["probit"];
  CHECK(probit["grid"][0]["cases_per_reader"] == 100);
  CHECK(run_driver(ask + "--metric auc --share 0.5").code == 2);
  CHECK(run_driver(ask + "--share 0").code == 2);

  const auto data = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!data) return;
  const auto pilot = run_driver("study power --pilot " + data->string() + " --metric fpr --readers 3 --cases 180 --json").json();
  CHECK(pilot["reading_pace"]["seconds_from"] == "pilot");
  CHECK(pilot["reading_pace"]["seconds"].get<double>() > 10);
  CHECK(pilot["grid"][0]["cases_per_reader"] == 300);  // 180 of 300 are normal
}

TEST_CASE("study power says what it needs", "[ui][study]") {
  CHECK(run_driver("study power --json").code == 2);
  CHECK(run_driver("study power --metric sensitivity --simulate 10").code == 2);
  CHECK(run_driver("study power --components 0,0,0,0,0 --pilot-cases 100").code == 3);
}

TEST_CASE("analyse prints who followed a wrong AI", "[ui][study]") {
  const auto data = test::shared("golden/statistics/data/sim_cxr300_r3.csv", 1);
  if (!data) return;
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Answer text = run_driver("analyse " + data->string() + " --replicates 0 --out " + out);
  REQUIRE(text.code == 0);
  const auto json = nlohmann::json::parse(read_file(folder.path() / "out" / "results.json"));
  const auto& bias = json["automation_bias"];
  int n = 0;
  for (const char* kind : {"commission", "omission"}) {
    for (const auto& [reader, errors] : bias["readers"].items()) n += errors[kind]["n"].get<int>();
  }
  CHECK(n == 17);  // golden/statistics, switch: 17 of 97 over both truths
  const auto& first = bias["readers"]["R01"]["commission"];
  CHECK(text.out.find("R01 " + std::to_string(first["n"].get<int>()) + " of " + std::to_string(first["of"].get<int>()) + ", R02 ") !=
        std::string::npos);
}

TEST_CASE("analyse froc gives the reference's numbers and refuses a wrong file", "[ui][froc]") {
  const TemporaryFolder folder;
  const std::string marks = (folder.path() / "marks.csv").string(), truth = (folder.path() / "truth.csv").string();
  write_file(truth, std::string("case,truth,lesion,weight\n1,0,0,0\n2,0,0,0\n3,1,1,1\n4,1,1,1\n"));
  write_file(marks, std::string("reader,arm,case,lesion,rating\nR1,hidden,9,0,2\nR1,visible,3,1,2\n"));
  const Answer refused = run_driver("analyse froc " + marks + " --truth " + truth + " --json");
  CHECK(refused.code == 3);
  CHECK(refused.json()["error"]["where"].get<std::string>().find("marks.csv:2") != std::string::npos);
  CHECK(run_driver("analyse froc " + marks).code == 2);
  CHECK(run_driver("analyse").code == 2);

  const auto golden = test::shared("golden/statistics", 1);
  if (!golden) return;
  const auto data = *golden / "data";
  const Answer answer = run_driver("analyse froc " + (data / "froc_fed.csv").string() + " --truth " +
                                   (data / "froc_fed_truth.csv").string() + " --arms 4,5 --json");
  REQUIRE(answer.code == 0);
  const auto json = answer.json();
  CHECK(json["n_lesions"] == 142);
  const auto& rrrc = json["OR_jackknife"]["HrAuc"]["RRRC"];
  CHECK(rrrc["ciDiffTrt"]["Estimate"].get<double>() == Approx(0.0421875).epsilon(1e-12));       // 4 - 5
  CHECK(rrrc["differences"]["5 - 4"]["estimate"].get<double>() == Approx(-0.0421875).epsilon(1e-12));
}
