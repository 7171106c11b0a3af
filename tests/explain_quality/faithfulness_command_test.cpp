// `rationale faithfulness` through the driver: all values of metrics.json, reasons for what is missing, exit codes.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "explain/methods/maps.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;

namespace {

struct Measured {
  int code = 0;
  json object;
};

Measured run(const std::string& arguments) {
  const test::Answer answer = test::run_driver("faithfulness " + arguments + " --threads 1 --json");
  return {answer.code, answer.json()};
}

/// A piece of a golden vectors file as an array of its own.
FloatArray piece(const FloatArray& vectors, const json& where) {
  FloatArray one{where["shape"].get<Shape>(), {}};
  const auto first = vectors.values.begin() + where["offset"].get<std::ptrdiff_t>();
  one.values.assign(first, first + static_cast<std::ptrdiff_t>(element_count(one.shape)));
  return one;
}

void append(FloatArray& all, const FloatArray& one) {
  if (all.shape.empty()) {
    all.shape = one.shape;
    all.shape.insert(all.shape.begin(), 0);
  }
  ++all.shape[0];
  all.values.insert(all.values.end(), one.values.begin(), one.values.end());
}

int n_values = 0;

/// Numbers within 1e-3 (float32 engine), all else equal. `got` may have more keys.
void compare(const json& got, const json& wanted, const std::string& path) {
  INFO(path << ": " << got.dump().substr(0, 200) << " wanted " << wanted.dump().substr(0, 200));
  if (wanted.is_boolean() || wanted.is_number_integer()) {
    CHECK(got == wanted);
    ++n_values;
  } else if (wanted.is_number()) {
    REQUIRE(got.is_number());
    CHECK(std::abs(got.get<double>() - wanted.get<double>()) <= 1e-3);
    ++n_values;
  } else if (wanted.is_array()) {
    REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) compare(got[i], wanted[i], path + "[]");
  }
}

std::string model(const std::string& name) { return test::in_tests("golden/models/" + name + ".pt").string(); }

/// x.npy and m.npy: the two images of tests/golden/models, maps of 6 x 6 with a peak in the middle.
struct Small {
  TemporaryFolder folder;
  std::string base;
  Small() {
    const FloatArray pool = read_npy_float(test::in_tests("golden/models/cases.npy"));
    write_npy(file("x.npy"), FloatArray{{2, 3, 12, 12}, {pool.values.begin(), pool.values.begin() + 864}});
    FloatArray maps{{2, 6, 6}, std::vector<float>(72, 0)};
    for (std::size_t i = 0; i < 36; ++i) maps.values[i] = static_cast<float>(i == 14) - 0.1F;  // image 1 stays flat
    write_npy(file("m.npy"), maps);
    base = fmt::format("--maps {} --tensor {} --model {} --layer mid", file("m.npy").string(), file("x.npy").string(),
                       model("unused.scripted"));
  }
  std::filesystem::path file(const std::string& name) const { return folder.path() / name; }
};

}  // namespace

TEST_CASE("faithfulness prints all reference values under their names", "[quality][golden][commands]") {
  const auto folder = test::shared("golden/explanation", 8);
  if (!folder) return;
  const json metrics = json::parse(std::ifstream(*folder / "metrics.json"));
  n_values = 0;
  for (const json& set : metrics) {
    const std::string name = set["model"];
    const FloatArray vectors = read_npy_float(*folder / "vectors" / (name + ".npy"));
    for (const std::size_t m : {0U, 1U}) {
      const std::string method = set["rows"][0]["maps"][m]["method"];
      const auto& known = explain::method_names();
      const bool has_method = std::find(known.begin(), known.end(), method) != known.end();
      const TemporaryFolder temporary;
      const auto file = [&](const char* leaf) { return (temporary.path() / leaf).string(); };
      FloatArray maps, masks;
      std::string classes, models;
      for (const json& row : set["rows"]) {
        append(maps, piece(vectors, row["maps"][m]["map"]));
        append(masks, piece(vectors, row["mask"]));
        if (!classes.empty()) classes += ',';
        classes += std::to_string(row["label"].get<int>());
      }
      for (const json& stage : set["rows"][0]["maps"][m]["randomisation"]) {
        if (!models.empty()) models += ',';
        models += (*folder / stage["model"].get<std::string>()).string();
      }
      write_npy(file("m.npy"), maps);
      write_npy(file("z.npy"), masks);
      write_npy(file("p.npy"), piece(vectors, set["perturbations"]));
      std::string arguments = fmt::format(
          "--maps {} --masks {} --perturbations {} --model {} --tensor {} --class {} --layer {} --score {} "
          "--randomised {}",
          file("m.npy"), file("z.npy"), file("p.npy"), (*folder / "models" / (name + ".traced.pt")).string(),
          (*folder / set["input"].get<std::string>()).string(), classes, set["rows"][0]["layer"].get<std::string>(),
          set["rows"][0]["score_target"]["kind"].get<std::string>(), models);
      if (has_method) arguments += " --method " + method;
      const Measured answer = run(arguments);
      REQUIRE(answer.code == 0);
      REQUIRE(answer.object["rows"].size() == set["rows"].size());
      for (std::size_t r = 0; r < set["rows"].size(); ++r) {
        const json &got = answer.object["rows"][r], &wanted = set["rows"][r]["maps"][m];
        for (const char* key :
             {"deletion_curve", "insertion_curve", "deletion_auc", "insertion_auc", "deletion_auc_blur",
              "insertion_auc_blur", "argmax_rc", "pointing_hit", "pointing_hit_tol3", "energy_in_mask", "iou_thr50",
              "iou_thr25", "iou_top_area", "pixel_auc"}) {
          compare(got[key], wanted[key], key);
        }
        if (!has_method) {
          CHECK(got["max_sensitivity"]["code"] == "method_needed");
          continue;
        }
        compare(got["max_sensitivity"], wanted["max_sensitivity"], "max_sensitivity");
        compare(got["sensitivity_all"], wanted["sensitivity_all"], "sensitivity_all");
        for (std::size_t s = 0; s < wanted["randomisation"].size(); ++s) {
          for (const char* key : {"ssim", "spearman", "pearson"}) {
            compare(got["randomisation"][s][key], wanted["randomisation"][s][key], key);
          }
        }
      }
    }
  }
  fmt::print(stderr, "rationale faithfulness: {} values compared\n", n_values);
  CHECK(n_values > 700);
}

TEST_CASE("faithfulness names the input that each missing value needs", "[quality][commands]") {
  const Small small;
  const Measured answer = run(small.base + " --class 1");
  REQUIRE(answer.code == 0);
  const json &row = answer.object["rows"][0], &flat = answer.object["rows"][1];
  CHECK(row["deletion_auc"].is_number());
  CHECK(row["argmax_rc"].is_array());
  CHECK(row["pointing_hit"]["code"] == "no_region");
  CHECK(row["max_sensitivity"]["code"] == "no_perturbations");
  CHECK(row["randomisation"]["code"] == "no_randomised_models");
  CHECK(flat["deletion_auc"]["code"] == "flat_map");
  CHECK(flat["deletion_curve"]["status"] == "not_estimable");
  CHECK(flat["argmax_rc"]["code"] == "no_positive_evidence");
  CHECK(answer.object["score"]["kind"] == "softmax");
}

TEST_CASE("Maps of evidence against a class, or for it over another, are held against what they explain",
          "[quality][commands]") {
  const Small small;
  const auto curve = [&](const std::string& more) {
    const Measured answer = run(small.base + " --class 1 " + more);
    REQUIRE(answer.code == 0);
    CHECK(answer.object["summary"][0]["deletion_auc"]["mean"].is_number());
    return std::pair(answer.object["score"]["kind"].get<std::string>(),
                     answer.object["rows"][0]["deletion_curve"].get<std::vector<double>>());
  };
  const auto own = curve("--score logit").second;
  const auto [against, falls] = curve("--kind neg_logit");
  CHECK(against == "neg_logit");
  const auto other = run(small.base + " --class 2 --score logit").object["rows"][0]["deletion_curve"];
  const auto [difference, differs] = curve("--kind logit_diff:2");
  CHECK(difference == "logit_diff:2");
  REQUIRE(falls.size() == own.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    CHECK(falls[i] == Approx(-own[i]));
    CHECK(differs[i] == Approx(own[i] - other[i].get<double>()).margin(1e-5));
  }
  const Measured refused = run(small.base + " --class 1 --kind neg_logit --score softmax");
  CHECK(refused.code == 2);
  CHECK(refused.object["error"]["code"] == "other_score");
}

TEST_CASE("boxes come as corners or as sizes, and a flat map misses them", "[quality][commands]") {
  const Small small;
  const std::string csv = small.file("b.csv").string();
  // The peak is at cell 14 of 6 x 6: pixels (4, 4) and (5, 5) of 12 x 12.
  const std::string text = GENERATE("sample,x,y,w,h\n0,4,4,2,2\n1,0,0,12,12\n",
                                    "case,label,r0,c0,r1,c1\n0,1,4,4,6,6\n1,1,0,0,12,12\n0,2,0,0,1,1\n");
  std::ofstream(csv) << text;
  const Measured answer = run(small.base + " --class 1 --boxes " + csv);
  REQUIRE(answer.code == 0);
  CHECK(answer.object["rows"][0]["pointing_hit"] == true);
  CHECK(answer.object["rows"][0]["annotated_by"] == "boxes");
  CHECK(answer.object["rows"][0]["pixel_auc"].get<double>() > 0.9);
  CHECK(answer.object["rows"][1]["pointing_hit"] == false);
  CHECK(answer.object["rows"][1]["energy_in_mask"]["code"] == "no_positive_evidence");
  CHECK(answer.object["rows"][1]["pixel_auc"]["code"] == "no_outside");
}

TEST_CASE("the cascade reaches every weight layer and needs twenty images", "[quality][commands]") {
  const Small small;
  const Measured answer = run(small.base + " --class 1 --method grad_cam --cascade");
  REQUIRE(answer.code == 0);
  const json& gate = answer.object["gate"];
  CHECK(gate["verdict"] == "not_estimable");
  CHECK(gate["reason"].get<std::string>().find("20 images") != std::string::npos);
  CHECK(gate["repeatable"] == true);
  CHECK(gate["stages"][0]["layers"] == 0);
  CHECK(gate["stages"].size() >= 2);
  CHECK(gate["stages"].back()["layers"].get<int>() > 0);
}

TEST_CASE("without maps every method is computed at every layer, those at the input once, with intervals over patients",
          "[quality][commands]") {
  const Small small;
  std::ofstream(small.file("p.csv")) << "sample,patient\n0,ann\n1,ann\n";
  std::ofstream(small.file("b.csv")) << "sample,x,y,w,h\n0,4,4,4,4\n1,0,0,6,6\n";
  const std::string base =
      fmt::format("--tensor {} --model {} --boxes {}", small.file("x.npy").string(), model("unused.scripted"),
                  small.file("b.csv").string());
  const Measured answer = run(base + " --class 1 --layer mid,stem --method grad_cam,ig_gauss_legendre,rise --samples 20 "
                              "--baselines");
  REQUIRE(answer.code == 0);
  const json& summary = answer.object["summary"];
  std::vector<std::string> names;
  for (const json& one : summary) {
    const std::string layer = one["layer"];
    names.push_back(one["method"].get<std::string>() + (layer.empty() ? "" : "@" + layer));
    CHECK(one["maps"] == 2);
    CHECK(one["patients"] == 2);
    CHECK(one["pointing_hit"]["mean"].is_number());
    CHECK(one["pointing_hit"]["patients"] == 2);
    CHECK(one["pointing_hit"]["lower"]["code"] == "too_few_patients");
    if (!one["baseline"].get<bool>()) continue;  // no map of these is flat
    CHECK(one["deletion_auc"]["n"] == 2);
    CHECK(one["deletion_auc"]["lower"]["code"] == "too_few_patients");
  }
  REQUIRE(names.size() >= 7);
  CHECK(std::vector(names.begin(), names.begin() + 5) ==
        std::vector<std::string>{"grad_cam@mid", "ig_gauss_legendre", "rise", "grad_cam@stem", "centre"});
  CHECK(std::find(names.begin(), names.end(), "edges_6x6") != names.end());
  CHECK(std::find(names.begin(), names.end(), "random_12x12") != names.end());
  CHECK(answer.object["rows"].size() == 2 * summary.size());
  CHECK(answer.object["rows"].back()["occlusion_spearman"].is_number());

  // What was computed here is what `heatmap` writes and --maps reads.
  REQUIRE(test::run_driver(fmt::format("heatmap {} --tensor {} --layer mid --class 1 --method grad_cam --threads 1 --npy {}",
                                       model("unused.scripted"), small.file("x.npy").string(),
                                       small.file("g.npy").string())).code == 0);
  const Measured given = run(base + " --class 1 --layer mid --maps " + small.file("g.npy").string() + " --patients " +
                             small.file("p.csv").string());
  REQUIRE(given.code == 0);
  for (const char* key : {"pixel_auc", "insertion_auc_blur", "deletion_auc", "occlusion_spearman"}) {
    compare(given.object["rows"][0][key], answer.object["rows"][0][key], key);
  }
  CHECK(given.object["summary"][0]["patients"] == 1);
  CHECK(run(base + " --class 1").object["error"]["code"] == "maps_needed");
  CHECK(run(base + " --class 1 --method gradient").object["error"]["code"] == "no_map");
  CHECK(run(base + " --class 1 --method rise,grad_cam --maps " + small.file("g.npy").string()).code == 2);
  std::ofstream(small.file("p.csv")) << "sample,patient\n7,ann\n";
  CHECK(run(base + " --class 1 --method grad_cam --layer mid --patients " + small.file("p.csv").string()).code == 3);
}

TEST_CASE("faithfulness refuses arrays that do not fit, each with its exit code", "[quality][commands]") {
  const Small small;
  const auto check = [&](const std::string& arguments, int code, const std::string& word) {
    INFO(arguments);
    const Measured answer = run(arguments);
    CHECK(answer.code == code);
    CHECK(answer.object["error"]["code"] == word);
    CHECK_FALSE(answer.object["error"]["remedy"].get<std::string>().empty());
  };
  check(small.base, 2, "class_needed");
  check(small.base + " --class 9", 2, "unknown_class");
  check(small.base + " --class 0,1,2", 2, "usage");
  check(small.base + " --class 1 --method nonsense", 2, "unknown_method");
  check(small.base + " --class 1 --masks " + small.file("m.npy").string(), 3, "map_shape");
  check(small.base + " --class 1 --perturbations " + small.file("m.npy").string(), 3, "input_shape");
  std::ofstream(small.file("b.csv")) << "case,x,y,w,h\nchest,1,1,2,2\n";
  check(small.base + " --class 1 --boxes " + small.file("b.csv").string(), 3, "unknown_sample");
  std::ofstream(small.file("b.csv")) << "case,x,y,w,h\n0,1,1,0,2\n";
  check(small.base + " --class 1 --boxes " + small.file("b.csv").string(), 3, "input");
  std::ofstream(small.file("b.csv")) << "case,x,y,w,h\n0,1,x,1,2\n";
  check(small.base + " --class 1 --boxes " + small.file("b.csv").string(), 3, "input");
}
