// The engine's commands through the driver: exit codes, JSON keys, files.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/image/png.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;
using test::Answer;
using test::run_driver;

namespace {

std::string model(const std::string& name) {
  return test::in_tests("golden/models/" + name + ".pt").string();
}

/// x.npy: the two images of tests/golden/models.
std::string write_input(const TemporaryFolder& folder) {
  const FloatArray pool = read_npy_float(test::in_tests("golden/models/cases.npy"));
  const auto file = folder.path() / "x.npy";
  write_npy(file, FloatArray{{2, 3, 12, 12}, {pool.values.begin(), pool.values.begin() + 864}});
  return file.string();
}

}  // namespace

TEST_CASE("layers prints one JSON object with the contract's keys", "[commands]") {
  const Answer answer = run_driver("layers " + model("twice.scripted") + " --shape 1,3,12,12 --json");
  REQUIRE(answer.code == 0);
  const json object = json::parse(answer.out);
  CHECK(object["schema"] == "rationale.layers");
  REQUIRE(object["layers"].size() == 3);
  for (const char* key : {"name", "kind", "calls", "shape", "suitable", "reason"}) {
    CHECK(object["layers"][0].contains(key));
  }
}

TEST_CASE("Every kind of bad input has its exit code and a remedy", "[commands]") {
  const TemporaryFolder folder;
  const std::string x =
      " --tensor " + write_input(folder) + " --npy " + (folder.path() / "m.npy").string();
  const std::string small = (folder.path() / "small.npy").string();
  write_npy(small, FloatArray{{1, 1, 4, 4}, std::vector<float>(16, 0)});
  std::ofstream(folder.path() / "text.pt") << "no model";
  const auto check = [&](const std::string& arguments, int code, const std::string& word) {
    INFO(arguments);
    const Answer answer = run_driver(arguments + " --json");
    CHECK(answer.code == code);
    const json error = json::parse(answer.out)["error"];
    CHECK(error["code"] == word);
    CHECK_FALSE(error["remedy"].get<std::string>().empty());
  };
  check("heatmap " + model("twice.traced") + x + " --class 0 --layer mib", 2, "unknown_layer");
  check("heatmap " + model("twice.traced") + x + " --class 0 --layer mid", 2, "call_needed");
  check("heatmap " + model("twice.traced") + x + " --layer stem", 2, "class_needed");
  check("heatmap " + model("twice.traced") + x + " --class 7 --layer stem", 2, "unknown_class");
  check("heatmap " + model("twice.traced") + x + " --class 0 --layer stem --method nonsense", 2,
        "unknown_method");
  check("heatmap " + model("twice.traced") + x + " --class 0 --layer stem --kind cubic", 2,
        "unknown_kind");
  check("heatmap " + model("twice.traced") + x + " --class 0 --layer fc", 4, "no_places");
  check("heatmap " + model("tuple_out.traced") + x + " --class 0 --layer mid", 2, "output_needed");
  check("heatmap " + model("twice.traced") + " --tensor " + small + " --npy " + small +
            ".out --class 0 --layer stem",
        3, "input_shape");
  check("heatmap " + (folder.path() / "text.pt").string() + x + " --class 0", 3, "not_torchscript");
  check("layers " + model("saves") + " --shape 1,3,12,12", 3, "input");
  check("layers " + model("saves_in_method.scripted") + " --shape 1,3,12,12", 3,
        "operator_not_allowed");
  check("layers " + model("twice.traced"), 2, "shape_needed");
  check("bench explain", 3, "models_needed");
}

TEST_CASE("heatmap writes raw maps, and display steps change them in order", "[commands]") {
  const TemporaryFolder folder;
  const std::string x = " --tensor " + write_input(folder),
                    npy = (folder.path() / "m.npy").string();
  const std::string base = "heatmap " + model("unused.scripted") + x + " --layer mid --npy " + npy;
  REQUIRE(run_driver(base + " --class 0,2").code == 0);
  const FloatArray both = read_npy_float(npy);
  CHECK(both.shape == Shape{2, 2, 6, 6});
  REQUIRE(run_driver(base + " --class 2").code == 0);
  const FloatArray one = read_npy_float(npy);
  CHECK(one.shape == Shape{2, 6, 6});
  CHECK(one.values[0] == both.values[36]);
  REQUIRE(run_driver(base + " --class 2 --kind neg_logit").code == 0);
  CHECK(read_npy_float(npy).values[0] == -one.values[0]);
  REQUIRE(run_driver(base + " --class 2 --display relu,max,up").code == 0);
  const FloatArray shown = read_npy_float(npy);
  CHECK(shown.shape == Shape{2, 12, 12});
  for (const float value : shown.values) {
    CHECK(value >= 0);
    CHECK(value <= 1);
  }
}

TEST_CASE("heatmap tells the facts of a map, and what it must not be taken for", "[commands]") {
  const TemporaryFolder folder;
  const std::string rest = " --class 0,1 --tensor " + write_input(folder) + " --npy " +
                           (folder.path() / "m.npy").string() + " --json --method ";
  const Answer integral = run_driver("heatmap " + model("twice.traced") + rest + "ig_gauss_legendre --steps auto");
  REQUIRE(integral.code == 0);
  const json facts = json::parse(integral.out);
  CHECK(facts["layer"] == "@input");
  CHECK(facts["facts"]["completeness_gap"].size() == 2);
  CHECK(facts["facts"]["completeness_gap"][1].size() == 2);
  CHECK(facts["shape"] == json({2, 2, 3, 12, 12}));
  CHECK(facts["meaning"] == "Contribution to the target");
  CHECK(facts["in_target_units"] == true);
  const Answer guided = run_driver("heatmap " + model("twice.traced") + rest + "guided_backprop");
  REQUIRE(guided.code == 0);
  CHECK(json::parse(guided.out)["meaning"] == "Changed gradient");
  CHECK(json::parse(guided.out)["in_target_units"] == false);
  CHECK(json::parse(guided.out)["cautions"].size() == 1);
  CHECK(run_driver("heatmap " + model("unused.scripted") + rest + "guided_backprop").code == 4);  // no ReLU
  CHECK(run_driver("heatmap " + model("twice.traced") + rest + "ig_trapezoid --steps few").code == 2);
  CHECK(run_driver("heatmap " + model("twice.traced") + rest + "rise --layer stem").code == 2);
  const Answer values = run_driver("layers " + model("twice.traced") + " --shape 1,3,12,12 --values --json");
  REQUIRE(values.code == 0);
  const json rows = json::parse(values.out)["layers"];
  CHECK(rows[0]["name"] == "@0");
  CHECK(rows[0]["kind"].get<std::string>().find("of stem") != std::string::npos);
}

TEST_CASE("tokens without a rule for their places are refused with one that fits", "[commands][bad-input]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const TemporaryFolder out;
  const std::string vit = (*folder / "models/m10_vit.traced.pt").string(), npy = (out.path() / "m.npy").string();
  const std::string rest = " --tensor " + (*folder / "inputs/m10_vit.npy").string() + " --class 0 --json --npy " + npy;
  for (const char* method : {"grad_cam", "hires_cam", "layer_cam", "score_cam", "grad_cam_up", "layer_ig", "eigen_cam",
                             "layer_occlusion", "ablation_drop"}) {
    INFO(method);
    const Answer bare = run_driver("heatmap " + vit + rest + " --layer blocks.1 --method " + method);
    CHECK(bare.code == 2);
    CHECK(bare.json()["error"]["code"] == "reshape_needed");
    CHECK(bare.json()["error"]["remedy"].get<std::string>().find("--reshape tokens:1:4x4") != std::string::npos);
  }
  // As the submodule returned it: no map, and no rule needed.
  REQUIRE(run_driver("heatmap " + vit + rest + " --layer blocks.1 --method activation").code == 0);
  CHECK(read_npy_float(npy).shape == Shape{2, 17, 24});
  const Answer measured = run_driver("faithfulness --model " + vit + " --tensor " +
                                     (*folder / "inputs/m10_vit.npy").string() +
                                     " --class 0 --layer blocks.1 --method grad_cam --json");
  CHECK(measured.code == 2);
  CHECK(measured.json()["error"]["code"] == "reshape_needed");

  const std::string grid = " --reshape tokens:1:4x4 --method hires_cam --layer ";
  CHECK(run_driver("heatmap " + vit + rest + grid + "blocks.1").json()["cautions"].empty());
  CHECK(read_npy_float(npy).shape == Shape{2, 4, 4});
  const Answer behind = run_driver("heatmap " + vit + rest + grid + "blocks.2");
  REQUIRE(behind.code == 0);
  CHECK(behind.json()["cautions"][0].get<std::string>().rfind("only the class token", 0) == 0);
  // A layer with rows and columns of its own needs no rule, and a rule does not harm it.
  REQUIRE(run_driver("heatmap " + vit + rest + grid + "patch").code == 0);
  CHECK(read_npy_float(npy).shape == Shape{2, 4, 4});

  // The card says it once, for all commands.
  const std::string card = "format = 1\nname = \"vit\"\nfile = \"" + vit +
                           "\"\n[input]\nshape = [3, 32, 32]\npixels = \"display_u8\"\nresize = \"area\"\n[output]\nkind = \"logits\"\n"
                           "classes = [\"a\", \"b\", \"c\", \"d\"]\n[explain]\nlayers = [\"blocks.1\"]\n";
  write_file(out.path() / "vit.toml", card + "reshape = \"tokens:1:4x4\"\n");
  REQUIRE(run_driver("heatmap " + (out.path() / "vit.toml").string() + rest).code == 0);
  CHECK(read_npy_float(npy).shape == Shape{2, 4, 4});
  write_file(out.path() / "bad.toml", card + "reshape = \"14x14\"\n");
  CHECK(run_driver("heatmap " + (out.path() / "bad.toml").string() + rest).code == 3);
}

TEST_CASE("what doctor chooses is what heatmap runs, and it says why", "[commands]") {
  const TemporaryFolder folder;
  const std::string x = write_input(folder);
  for (const char* name : {"twice.traced", "two_heads.traced"}) {
    INFO(name);
    const Answer doctor = run_driver("doctor " + model(name) + " --tensor " + x + " --json");
    REQUIRE(doctor.code == 0);
    const json choice = doctor.json()["choice"];
    const Answer map = run_driver("heatmap " + model(name) + " --tensor " + x + " --class 0 --json --npy " +
                                  (folder.path() / "m.npy").string());
    REQUIRE(map.code == 0);
    CHECK(map.json()["method"] == choice["method"]);
    CHECK(map.json()["method_chosen_by"] == choice["method_why"]);
    CHECK(map.json()["layer"] == choice["layer"]);
    CHECK(choice["method"] == (choice["closed_form_head"].get<bool>() ? "grad_cam" : "hires_cam"));
  }
}

TEST_CASE("an output that nobody reads, or a full disk, is the machine's fault", "[commands]") {
  const std::string layers = "layers " + model("twice.traced") + " --shape 1,3,12,12";
  CHECK(run_driver(layers + " > /dev/full").code == 5);
  CHECK(run_driver(layers + " --json > /dev/full").code == 5);
  CHECK(run_driver("--help > /dev/full").code == 5);
  // A pipe whose reader has gone, for both streams: `2>&1 | true`.
  const std::string command = "bash -c '{ { sleep 0.3; " + std::string(RATIONALE_DRIVER) + " " + layers +
                              " 2>&1; echo $? >&3; } | true; } 3>&1'";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[64] = {};
  const bool has_code = std::fgets(buffer, sizeof buffer, pipe) != nullptr;
  ::pclose(pipe);
  REQUIRE(has_code);
  CHECK(std::string(buffer) == "5\n");
}

TEST_CASE("two cards with one model file are two models", "[commands]") {
  const TemporaryFolder folder;
  const auto models = test::in_tests("../data/samples/models");
  std::filesystem::copy_file(models / "honest.ts.pt", folder.path() / "honest.ts.pt");
  std::string card = read_file(models / "honest.toml");
  write_file(folder.path() / "a.toml", card);
  card.replace(card.find("scale = 1.2"), 11, "scale = 2.4");
  write_file(folder.path() / "b.toml", card);
  std::vector<std::uint16_t> film;
  for (int i = 0; i < 96 * 96; ++i) film.push_back(static_cast<std::uint16_t>(i % 4000));
  write_png_grey16(folder.path() / "f.png", 96, 96, film);
  const auto file = [&](const std::string& name) { return (folder.path() / name).string(); };
  std::string lines;
  for (const std::string one : {"a", "b"}) {
    lines += json{{"model", file(one + ".toml")}, {"tensor", file("f.png")}, {"class", 0}, {"method", "grad_cam"},
                  {"npy", file(one + ".npy")}}
                 .dump() +
             "\n";
  }
  write_file(folder.path() / "jobs.jsonl", lines);
  REQUIRE(run_driver("heatmap --mode reproducible --jobs " + file("jobs.jsonl") + " --json").code == 0);
  REQUIRE(run_driver("heatmap " + file("b.toml") + " --mode reproducible --tensor " + file("f.png") +
                     " --class 0 --method grad_cam --npy " + file("alone.npy"))
              .code == 0);
  CHECK(read_npy_float(file("b.npy")).values == read_npy_float(file("alone.npy")).values);
  CHECK(read_npy_float(file("a.npy")).values != read_npy_float(file("b.npy")).values);
}

TEST_CASE("occlusion_grid's overlapping windows are not enlarged as cells", "[commands][bad-input]") {
  const TemporaryFolder folder;
  const Answer answer = run_driver("heatmap " + model("twice.traced") + " --tensor " + write_input(folder) +
                                   " --class 0 --method occlusion_grid --window 4 --display up --json --npy " +
                                   (folder.path() / "m.npy").string());
  CHECK(answer.code == 2);
  CHECK(answer.json()["error"]["code"] == "no_places");
}

TEST_CASE("an occlusion check stands beside a map where it is asked for", "[commands]") {
  const TemporaryFolder folder;
  const std::string rest = " --tensor " + write_input(folder) + " --npy " + (folder.path() / "m.npy").string() +
                           " --check-occlusion --json --class 0,1 --method ";
  for (const char* method : {"hires_cam", "ig_gauss_legendre"}) {
    INFO(method);
    const Answer answer = run_driver("heatmap " + model("unused.scripted") + rest + method);
    REQUIRE(answer.code == 0);
    const json rho = answer.json()["occlusion_spearman"];
    REQUIRE(rho.size() == 2);
    REQUIRE(rho[0].size() == 2);
    for (const json& one : rho[1]) CHECK((one.is_object() || std::abs(one.get<double>()) <= 1));
  }
  const Answer none = run_driver("heatmap " + model("unused.scripted") + rest + "activation --layer mid");
  CHECK(none.code == 2);
  CHECK(none.json()["error"]["code"] == "no_check");
}

TEST_CASE("jobs give one result line each, also for those that fail", "[commands]") {
  const TemporaryFolder folder;
  const std::string x = write_input(folder);
  const auto jobs = folder.path() / "jobs.jsonl";
  const auto npy = [&](int i) { return (folder.path() / std::to_string(i)).string() + ".npy"; };
  {
    std::ofstream out(jobs);
    json job{{"model", model("unused.scripted")},
             {"tensor", x},
             {"layer", "mid"},
             {"class", 1},
             {"method", "hires_cam"},
             {"npy", npy(0)}};
    out << job << "\n\n";
    job["sample"] = 1;
    job["npy"] = npy(1);
    out << job << "\n";
    job["layer"] = "nowhere";
    out << job << "\n{\"surprise\": 1}\n{\"layer\": 3}\n{\"layer\": \n";
  }
  const Answer answer = run_driver("heatmap --jobs " + jobs.string() + " --json");
  CHECK(answer.code == 1);  // done, with findings
  std::istringstream lines(answer.out);
  std::vector<json> results;
  for (std::string line; std::getline(lines, line);) results.push_back(json::parse(line));
  REQUIRE(results.size() == 6);
  CHECK(results[4]["error"]["what"] == "\"layer\" is number: 3");
  for (const std::size_t i : {4U, 5U}) {
    CHECK(results[i]["error"]["what"].get<std::string>().find("json.exception") == std::string::npos);
  }
  CHECK(results[0]["shape"] == json({2, 6, 6}));
  CHECK(results[1]["shape"] == json({1, 6, 6}));
  CHECK(results[2]["error"]["code"] == "unknown_layer");
  CHECK(results[3].contains("error"));
  // A sample of a batch gives what the batch gives there.
  const FloatArray batch = read_npy_float(npy(0)), single = read_npy_float(npy(1));
  for (std::size_t i = 0; i < 36; ++i) {
    CHECK(single.values[i] == Approx(batch.values[36 + i]).epsilon(1e-5).margin(1e-7));
  }
}

TEST_CASE("activations writes what the layer returned, its gradient and the logits", "[commands]") {
  const TemporaryFolder folder;
  const std::string x = " --tensor " + write_input(folder);
  const auto file = [&](const char* name) { return (folder.path() / name).string(); };
  const Answer answer = run_driver("activations " + model("probabilities.traced") + x +
                            " --layer mid --class 1 --npy " + file("A.npy") + " --gradient " +
                            file("g.npy") + " --logits " + file("y.npy") + " --json");
  REQUIRE(answer.code == 0);
  CHECK(json::parse(answer.out)["shape"] == json({2, 4, 6, 6}));
  CHECK(read_npy_float(file("A.npy")).shape == Shape{2, 4, 6, 6});
  CHECK(read_npy_float(file("g.npy")).shape == Shape{2, 4, 6, 6});
  CHECK(read_npy_float(file("y.npy")).shape == Shape{2, 3});
  // Several outputs: the activation alone needs no choice.
  CHECK(run_driver("activations " + model("tuple_out.traced") + x + " --layer mid --npy " + file("A.npy"))
            .code == 0);
  CHECK(
      run_driver("activations " + model("tuple_out.traced") + x + " --layer mid --logits " + file("y.npy"))
          .code == 2);
}

TEST_CASE("doctor says what a model is and why logits differ", "[commands]") {
  const TemporaryFolder folder;
  const std::string x = " --tensor " + write_input(folder), y = (folder.path() / "y.npy").string();
  REQUIRE(run_driver("heatmap " + model("unused.scripted") + x + " --layer mid --method output --npy " + y)
              .code == 0);
  const Answer good = run_driver("doctor " + model("unused.scripted") + x + " --expect " + y + " --json");
  REQUIRE(good.code == 0);
  const json facts = json::parse(good.out);
  CHECK(facts["form"] == "scripted");
  CHECK(facts["allow_list"] == "passed");
  CHECK(facts["choice"]["layer"] == "mid");
  CHECK(facts["choice"]["closed_form_head"] == true);
  CHECK(facts["expect"]["agrees"] == true);
  CHECK(facts["blas"]["matmul_512_ms"].get<double>() > 0);
  FloatArray exchanged = read_npy_float(y);
  std::swap(exchanged.values[0], exchanged.values[1]);
  std::swap(exchanged.values[3], exchanged.values[4]);
  write_npy(y, exchanged);
  const Answer bad = run_driver("doctor " + model("unused.scripted") + x + " --expect " + y + " --json");
  CHECK(bad.code == 1);
  CHECK(json::parse(bad.out)["expect"]["likely_cause"].get<std::string>().find("1, 0, 2") !=
        std::string::npos);
  CHECK(json::parse(run_driver("doctor " + model("in_place.traced") + " --json").out)["form"] == "traced");
}
