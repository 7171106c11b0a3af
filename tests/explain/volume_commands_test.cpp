// Volumes through the driver: a series made, put in order, explained; receptive fields and display steps in words.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/samples/ct.h"
#include "data/samples/place.h"
#include "tests/support/driver.h"

using namespace rationale;
using test::run_driver;

namespace {

std::string card() { return (samples::models_folder() / "nodule-ct.toml").string(); }

}  // namespace

TEST_CASE("A CT series is made, put in order, and its map has depth", "[commands][volume]") {
  const TemporaryFolder folder;
  const std::string ct = (folder.path() / "ct").string();
  REQUIRE(run_driver("samples --set ct --seed 7 --count 2 --present nodule --out " + ct + " --json").code == 0);
  const std::string series = ct + "/series/ct7-0000";

  const auto order = run_driver("series " + series + " --npy " + ct + "/v.npy --json");
  REQUIRE(order.code == 0);
  CHECK(order.json()["shape"] == nlohmann::json({24, 64, 64}));
  CHECK(order.json()["spacing_mm"] == nlohmann::json({5.0, 4.5, 4.5}));
  CHECK(order.json()["slices"][0]["file"] == "IM0024.dcm");
  CHECK(read_npy_float(ct + "/v.npy").shape == Shape{24, 64, 64});

  const auto map =
      run_driver("heatmap " + card() + " --tensor " + series + " --class nodule --npy " + ct + "/m.npy --json");
  REQUIRE(map.code == 0);
  CHECK(map.json()["shape"] == nlohmann::json({1, 6, 8, 8}));
  const auto slices = map.json()["slices"][0][0];
  CHECK(slices["energy"].size() == 24);
  CHECK(slices.contains("verdict"));
  CHECK(slices["words"].get<std::string>().size() > 10);
  CHECK(map.json()["receptive_field"]["axes"].size() == 3);
  // The series and its array are one input.
  REQUIRE(run_driver("heatmap " + card() + " --tensor " + ct + "/v.npy --class nodule --npy " + ct + "/n.npy").code ==
          0);
  CHECK(read_npy_float(ct + "/n.npy").values == read_npy_float(ct + "/m.npy").values);
  const auto up = run_driver("heatmap " + card() + " --tensor " + series +
                             " --class nodule --display relu,max,up --npy " + ct + "/u.npy --json");
  REQUIRE(up.code == 0);
  CHECK(up.json()["shape"] == nlohmann::json({1, 24, 64, 64}));
  CHECK(up.json()["display_scale"] == "each map's own maximum");

  std::filesystem::remove(series + "/IM0010.dcm");
  const auto gap = run_driver("series " + series + " --json");
  CHECK(gap.code == 3);
  CHECK(gap.json()["error"]["code"] == "missing_slices");
}

TEST_CASE("A list of series is explained, and a damaged one is listed", "[commands][volume]") {
  const TemporaryFolder folder;
  const std::string ct = (folder.path() / "ct").string(), out = (folder.path() / "out").string();
  REQUIRE(run_driver("samples --set ct --seed 8 --count 4 --out " + ct).code == 0);
  std::filesystem::copy_file(ct + "/series/ct8-0001/IM0003.dcm", ct + "/series/ct8-0001/again.dcm");
  const std::string cut = ct + "/series/ct8-0003/IM0005.dcm";
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) - 100);
  const auto explain = [&](const std::string& folder_name, const std::string& more) {
    return run_driver("explain --model " + card() + " --cases " + ct + "/cases.csv --out " + folder_name +
                      " --mode reproducible --json --quiet " + more);
  };
  const auto answer = explain(out, "--pictures all");
  CHECK(answer.code == 1);
  CHECK(answer.json()["explained"] == 2);
  CHECK(answer.json()["failed"][0]["code"] == "duplicate_slice");
  CHECK(answer.json()["failed"][1]["case"] == "ct8-0003");
  CHECK(answer.json()["failed"][1]["reason"].get<std::string>().find("IM0005.dcm") != std::string::npos);
  CHECK(answer.json()["sandbox"]["films"] == "decoded_apart");
  const auto here = explain(out + "-here", "--no-sandbox");
  CHECK(here.json()["failed"] == answer.json()["failed"]);
  CHECK(here.json()["canonical_digest"] == answer.json()["canonical_digest"]);
  // What the slices say: a line for each case that was explained, and how many of each verdict.
  std::vector<nlohmann::json> lines;
  for (const std::string& line : split(read_file(out + "/slices.jsonl"), '\n')) {
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
  }
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["case"] == "ct8-0000");
  CHECK(lines[1]["case"] == "ct8-0002");
  std::map<std::string, int> verdicts;
  for (const auto& line : lines) {
    CHECK(line["class"] == "nodule");
    CHECK(line["energy"].size() == 24);
    CHECK_FALSE(line["words"].get<std::string>().empty());
    ++verdicts[line["verdict"].is_string() ? line["verdict"].get<std::string>() : "not_estimable"];
  }
  const auto slices = answer.json()["slices"];
  CHECK(slices["file"] == "slices.jsonl");
  for (const char* verdict : {"own", "borrowed", "not_estimable"}) CHECK(slices[verdict] == verdicts[verdict]);
  CHECK(nlohmann::json::parse(read_file(out + "/summary.json"))["slices"] == slices);

  CHECK(std::filesystem::exists(out + "/pictures/ct8-0000_nodule.png"));
  CHECK(std::filesystem::exists(out + "/pictures/ct8-0002_nodule.png"));
}

TEST_CASE("A series of other depth than the network's is spoken of by its own slices", "[commands][volume]") {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  const samples::CtPhantom phantom = samples::ct_phantom(5, 3, 1);
  FloatArray twice{{48, samples::kCtSide, samples::kCtSide}, {}};  // each slice two times
  constexpr std::size_t kSize = samples::kCtSide * samples::kCtSide;
  for (std::size_t z = 0; z < 48; ++z) {
    const auto slice = phantom.hounsfield.begin() + static_cast<std::ptrdiff_t>(z / 2 * kSize);
    twice.values.insert(twice.values.end(), slice, slice + kSize);
  }
  write_npy(here + "/v.npy", twice);
  std::string text = read_file(card());
  const auto replace = [&](const std::string& old, const std::string& by) { text.replace(text.find(old), old.size(), by); };
  replace("resize = \"none\"", "resize = \"area\"");
  replace("file = \"", "file = \"" + samples::models_folder().string() + "/");
  write_file(here + "/card.toml", text);
  write_file(here + "/cases.csv", "case,file,spacing_mm\nv,v.npy,2.5x4.5x4.5\n");

  const auto map = run_driver("heatmap " + here + "/card.toml --tensor " + here + "/v.npy --class nodule --npy " + here +
                              "/m.npy --json");
  REQUIRE(map.code == 0);
  const auto slices = map.json()["slices"][0][0];
  const int shown = slices["shown"];
  CHECK(slices["energy"].size() == 24);
  CHECK(slices["series_slices"] == 48);
  CHECK(slices["shown_in_series"] == nlohmann::json({2 * shown, 2 * shown + 1}));
  CHECK(slices["slab_in_series"] ==
        nlohmann::json({2 * slices["slab"][0].get<int>(), 2 * slices["slab"][1].get<int>() + 1}));
  const std::string words = slices["words"];
  CHECK(words.rfind(fmt::format("slices {}-{} of the series (the network's slice {} of 24)", 2 * shown + 1,
                                2 * shown + 2, shown + 1),
                    0) == 0);

  REQUIRE(run_driver("explain --model " + here + "/card.toml --cases " + here + "/cases.csv --out " + here +
                     "/out --mode reproducible --json --quiet")
              .code == 0);
  const auto line = nlohmann::json::parse(read_file(here + "/out/slices.jsonl"));
  CHECK(line["series_slices"] == 48);
  CHECK(line["shown_in_series"] == slices["shown_in_series"]);
  CHECK(line["words"].get<std::string>().find(words.substr(0, words.find(" show"))) == 0);
}

TEST_CASE("layers and doctor say what a cell sees", "[commands][volume]") {
  const auto layers = run_driver("layers " + card() + " --json");
  REQUIRE(layers.code == 0);
  const auto all = layers.json()["layers"];
  const auto row = std::find_if(all.begin(), all.end(), [](const auto& one) { return one["name"] == "block2"; });
  REQUIRE(row != all.end());
  // block1: 3 wide, (1,2,2) apart; block2: 3 more of them.
  const auto axes = (*row)["receptive_field"]["axes"];
  CHECK(axes[0]["size"] == 5);
  CHECK(axes[1]["size"] == 7);
  CHECK(axes[0]["stride"] == 2);
  CHECK(axes[1]["stride"] == 4);
  const auto doctor = run_driver("doctor " + card() + " --json");
  REQUIRE(doctor.code == 0);
  const auto field = doctor.json()["choice"]["receptive_field"]["axes"];
  CHECK(field[0]["size"] == 9);
  CHECK(field[0]["effective"].get<double>() <= 9);
  CHECK(field[1]["effective"].get<double>() > 1);
}
