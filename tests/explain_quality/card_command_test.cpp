// `rationale card` and `rationale validate explanation` on phantoms, through the driver.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "data/samples/place.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;
using test::Answer;
using test::run_driver;

namespace {

std::string model(const std::string& name) { return (samples::models_folder() / (name + ".toml")).string(); }

/// What a reader of the page sees: without tags, styles and pictures.
std::string words_of(const std::string& html) {
  std::string text;
  bool is_tag = false;
  for (const char c : html.substr(html.find("</style>"))) {
    if (c == '<') is_tag = true;
    if (!is_tag) text += c;
    if (c == '>') {
      is_tag = false;
      text += ' ';
    }
  }
  return text;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("card makes one self-contained page from phantoms and their masks", "[quality][commands]") {
  const TemporaryFolder folder;
  const std::string films = (folder.path() / "films").string(), page = (folder.path() / "card.html").string();
  if (run_driver("samples --seed 5 --count 9 --out " + films).code != 0) return;  // a build without DICOM
  const std::string command = fmt::format(
      "card {} --threads 1 --cases {}/cases.csv --out {} --layer block4,block3 --method grad_cam --deletion-films 2 "
      "--steps 4 "
      "--json",
      model("honest"), films, page);
  const Answer answer = run_driver(command);
  REQUIRE(answer.code == 0);
  const json object = json::parse(answer.out);
  CHECK(object["marks"] == "masks");
  CHECK(object["findings"].get<int>() > 0);
  CHECK(object["maps"][0]["gate"]["verdict"] == "not_estimable");  // nine films are too few
  CHECK(object["maps"][0]["layer"] == "block4");
  CHECK(object["maps"][0]["gate"]["stages"].back()["layers"] == 5);
  CHECK(object["second_reader"]["code"] == "one_annotator");
  const std::string html = read_file(page);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("http:") == std::string::npos);
  CHECK(html.find("default-src 'none'") != std::string::npos);
  CHECK(count(html, "<h1>") == 1);
  CHECK(count(html, "<svg") == 2);
  // Up to five films, each once bare, under both maps and under occlusion.
  const std::size_t n_keys = count(html, "<img class=\"key\""), n_images = count(html, "<img") - n_keys;
  CHECK(n_keys == 3);  // each row of maps has its colours beside it
  CHECK(n_images == 4 * std::min<std::size_t>(5, object["findings"].get<std::size_t>()));
  CHECK(count(html, "src=\"data:image/png;base64,") == n_images + n_keys);
  const std::string words = words_of(html);
  for (const char* bad : {"nan", "NaN", "inf ", " -0", " -1"}) {
    INFO(bad);
    CHECK(words.find(bad) == std::string::npos);
  }
  CHECK(words.find("consolidation") != std::string::npos);
  CHECK(words.find("Contribution to the logit, per cell") != std::string::npos);
  CHECK(words.find("Fall of the logit when covered, per window") != std::string::npos);
  REQUIRE(run_driver(command).code == 0);
  CHECK(read_file(page) == html);  // the same bytes
}

TEST_CASE("card says what it cannot say where nobody marked anything", "[quality][commands]") {
  const TemporaryFolder folder;
  const std::string films = (folder.path() / "films").string(), page = (folder.path() / "card.html").string();
  if (run_driver("samples --seed 6 --count 4 --out " + films).code != 0) return;
  std::filesystem::remove_all(folder.path() / "films/masks");
  const Answer answer = run_driver(fmt::format(
      "card {} --threads 1 --cases {}/cases.csv --out {} --layer block4 --deletion-films 2 --steps 4 --json",
      model("rule"), films, page));
  REQUIRE(answer.code == 0);
  const json object = json::parse(answer.out);
  CHECK(object["findings"] == 0);
  CHECK(object["maps"][0]["gate"]["verdict"] == "not_estimable");  // four films are too few
  CHECK(read_file(page).find("Nobody marked where the findings are") != std::string::npos);
  CHECK(run_driver(fmt::format("card {} --threads 1 --cases {}/cases.csv --out {}", "data/none.pt", films, page)).code == 2);
  CHECK(run_driver(fmt::format("card {} --threads 1 --cases {}/none.csv --out {}", model("rule"), films, page)).code == 3);
}

TEST_CASE("boxes on the film move with it into the model's input, and two annotators are told apart",
          "[quality][commands]") {
  const TemporaryFolder folder;
  const std::string films = (folder.path() / "films").string(), page = (folder.path() / "card.html").string();
  if (run_driver("samples --seed 7 --count 3 --present consolidation --out " + films).code != 0) return;
  std::ofstream(folder.path() / "films/boxes.csv")
      << "case,label,x,y,w,h,annotator\np7-0001,consolidation,10,10,40,40,ann\np7-0001,consolidation,10,10,40,20,bob\n"
         "p7-0002,consolidation,0,0,96,48,ann\np7-0009,consolidation,1,1,5,5,ann\np7-0002,goitre,1,1,5,5,ann\n";
  const Answer answer =
      run_driver(fmt::format("card {} --threads 1 --cases {}/cases.csv --out {} --layer block4 --method grad_cam --gate-films "
                      "0 --deletion-films 0 --json",
                      model("honest"), films, page));
  REQUIRE(answer.code == 0);
  const json object = json::parse(answer.out);
  CHECK(object["marks"] == "boxes.csv");
  CHECK(object["findings"] == 2);
  CHECK(object["second_reader"]["n"] == 1);
  CHECK(object["second_reader"]["findings"][0]["finding"] == "consolidation");
  CHECK(object["second_reader"]["pixel_auc"]["mean"].get<double>() > 0.5);
  CHECK(object["second_reader"]["iou"]["mean"] == 0.5);
  CHECK(object["notes"].size() >= 2);  // a case that is not listed, and a class that the model does not have
  const json& uniform = object["maps"].back();
  CHECK(uniform["method"] == "uniform");
  CHECK(uniform["agreement"][0]["energy_in_mask"]["mean"].get<double>() ==
        Approx((1600.0 / 9216 + 0.5) / 2));  // the areas of ann's boxes
}

TEST_CASE("Of many marked findings some of every kind are measured, and the page says how many", "[quality][commands]") {
  const TemporaryFolder folder;
  const std::string films = (folder.path() / "films").string(), page = (folder.path() / "card.html").string();
  if (run_driver("samples --seed 7 --count 2 --present consolidation --out " + films).code != 0) return;
  // A network of three classes: those of the samples have one.
  write_file(folder.path() / "card.toml", fmt::format(R"(format = 1
file = "{}"
[input]
shape = [3, 12, 12]
pixels = "display_u8"
resize = "bilinear_aa"
scale = 0.01
[output]
kind = "logits"
activation = "softmax"
classes = ["consolidation", "effusion", "mass"]
)",
                                                      test::in_tests("golden/models/unused.scripted.pt").string()));
  std::string film;  // one, under many names
  std::string cases = "case,file\n", boxes = "case,label,x,y,w,h\n";
  for (const auto& entry : std::filesystem::directory_iterator(films + "/images")) film = entry.path().filename().string();
  const auto mark = [&](const std::string& label, int n) {
    for (int i = 0; i < n; ++i) {
      cases += fmt::format("{}{},images/{}\n", label, i, film);
      boxes += fmt::format("{0}{1},{0},10,10,40,40\n", label, i);
    }
  };
  mark("consolidation", 205);  // a table sorted by finding
  mark("effusion", 6);
  write_file(folder.path() / "films/cases.csv", cases);
  write_file(folder.path() / "films/boxes.csv", boxes);
  const Answer answer =
      run_driver(fmt::format("card {}/card.toml --threads 1 --cases {}/cases.csv --out {} --layer mid --method grad_cam "
                             "--gate-films 0 --deletion-films 0 --json",
                             folder.path().string(), films, page));
  REQUIRE(answer.code == 0);
  const json object = json::parse(answer.out);
  CHECK(object["findings"] == 200);
  CHECK(object["findings_left_out"] == 11);
  std::map<std::string, int> n_of;
  for (const json& one : object["maps"][0]["agreement"]) n_of[one["finding"]] = one["pointing"]["n"];
  CHECK(n_of["effusion"] == 6);
  CHECK(n_of["consolidation"] == 194);
  CHECK(words_of(read_file(page)).find("200 of 211 marked findings") != std::string::npos);
  CHECK(object["notes"].dump().find("11 of 211 marked findings were not measured") != std::string::npos);
}

TEST_CASE("validate explanation writes tables whose words follow from the figures", "[quality][commands]") {
  const TemporaryFolder folder;
  const std::string films = (folder.path() / "films").string(), out = (folder.path() / "explanation.md").string();
  if (run_driver("samples --seed 5 --count 8 --out " + films).code != 0) return;
  const std::string pair = fmt::format(" --model {} --cases {}/cases.csv", model("honest"), films);
  const Answer answer = run_driver("validate explanation --threads 1" + pair +
                            " --layer block4 --deletion-films 2 --steps 4 --json --out " + out);
  REQUIRE(answer.code == 0);
  CHECK(json::parse(answer.out)["models"].size() == 1);
  const std::string text = read_file(out);
  for (const char* wanted : {"# Are the heatmaps any good?", "## honest", "### Where", "### Order", "### Gate",
                             "Recommended:", "Centre of the film", "Edges (12 × 12)", "What it does not show"}) {
    INFO(wanted);
    CHECK(text.find(wanted) != std::string::npos);
  }
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find(folder.path().string()) == std::string::npos);  // no folders of this machine
  CHECK(run_driver("validate explanation --threads 1" + pair + pair + " --cases x.csv --out " + out).code == 2);
}
