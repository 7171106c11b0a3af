// What `rationale doctor` and `rationale layers` say, held against real models: one test a statement.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/samples/place.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string card(const std::string& name) { return (samples::models_folder() / (name + ".toml")).string(); }
std::string golden(const std::string& name) { return test::in_tests("golden/models/" + name + ".pt").string(); }

torch::jit::Module load(const std::string& name) {
  return torch::jit::load((samples::models_folder() / (name + ".ts.pt")).string());
}

json doctor(const std::string& arguments, int code = 0) {
  const test::Answer answer = test::run_driver("doctor " + arguments + " --json");
  INFO(answer.out);
  REQUIRE(answer.code == code);
  return answer.json();
}

/// An input of the golden models, [1,3,12,12].
std::string write_input(const TemporaryFolder& folder) {
  const FloatArray pool = read_npy_float(test::in_tests("golden/models/cases.npy"));
  const fs::path file = folder.path() / "x.npy";
  write_npy(file, FloatArray{{1, 3, 12, 12}, {pool.values.begin(), pool.values.begin() + 432}});
  return file.string();
}

/// The honest model and its card in a folder of their own, with another default layer.
std::string card_with_layer(const TemporaryFolder& folder, const std::string& layer) {
  fs::copy(samples::models_folder() / "honest.ts.pt", folder.path() / "honest.ts.pt");
  std::string text = read_file(card("honest"));
  const std::size_t at = text.find("layers = [");
  REQUIRE(at != std::string::npos);
  text.replace(at, text.find('\n', at) - at, "layers = [\"" + layer + "\"]");
  write_file(folder.path() / "honest.toml", text);
  return (folder.path() / "honest.toml").string();
}

json row(const json& rows, const char* key, const std::string& name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const json& one) { return one[key] == name; });
  REQUIRE(found != rows.end());
  return *found;
}

}  // namespace

TEST_CASE("doctor tells traced, scripted and frozen files apart", "[doctor]") {
  const TemporaryFolder folder;
  torch::jit::Module model = load("honest");
  model.eval();
  torch::jit::freeze(model).save((folder.path() / "frozen.pt").string());
  CHECK(doctor(card("honest"))["form"] == "traced");
  CHECK(doctor(golden("unused.scripted"))["form"] == "scripted");
  CHECK(doctor((folder.path() / "frozen.pt").string())["form"] == "frozen");
}

TEST_CASE("doctor names the outputs and which of them are class scores", "[doctor]") {
  const TemporaryFolder folder;
  const json one = doctor(card("honest"))["heads"];
  REQUIRE(one.size() == 1);
  CHECK(one[0]["shape"] == json({1, 1}));
  CHECK(one[0]["can_be_explained"] == true);
  const json several = doctor(golden("tuple_out.traced") + " --tensor " + write_input(folder))["heads"];
  REQUIRE(several.size() == 3);
  CHECK(row(several, "what", "scores of 3 classes")["can_be_explained"] == true);
}

TEST_CASE("doctor says which methods a model bears, from having tried the cheap ones", "[doctor]") {
  const TemporaryFolder folder;
  const json good = doctor(card("honest"));
  for (const json& one : good["methods"]) {
    INFO(one.dump());
    CHECK(one["suitable"] == true);
    CHECK(one["reason"] == "");
  }
  CHECK(good["methods"].size() == 31);
  CHECK(row(good["methods"], "method", "grad_cam_pp")["tried"] == true);
  const auto forwards = [&](const char* name) {
    return row(good["methods"], "method", name)["forwards"].get<double>();
  };
  CHECK(forwards("score_cam") == Approx(33));  // 32 channels and the empty image
  CHECK(forwards("rise") == Approx(2000));
  CHECK(row(good["methods"], "method", "guided_backprop")["caution"].get<std::string>().find("fails") !=
        std::string::npos);
  // Behind a batch norm there are negative activations: two methods are not defined for them.
  const json negative = doctor(card_with_layer(folder, "block4.norm"))["methods"];
  for (const char* name : {"grad_cam_pp", "xgrad_cam"}) {
    const json one = row(negative, "method", name);
    CHECK(one["suitable"] == false);
    CHECK(one["reason"].get<std::string>().find("behind a ReLU") != std::string::npos);
    CHECK(one["remedy"] != "");
  }
  CHECK(row(negative, "method", "hires_cam")["suitable"] == true);
}

TEST_CASE("doctor knows the reference BLAS by what it is, not by what it is called", "[doctor]") {
  const fs::path reference = "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3";
  if (!fs::exists(reference)) {
    WARN("skipped: there is no " << reference.string());
    return;
  }
  const TemporaryFolder folder;  // its name says nothing about BLAS
  fs::copy_file(reference, folder.path() / "libblas.so.3");
  const char* old = std::getenv("LD_LIBRARY_PATH");
  const std::string before = old != nullptr ? old : "";
  ::setenv("LD_LIBRARY_PATH", folder.path().c_str(), 1);
  const json blas = doctor(golden("in_place.traced"))["blas"];
  if (before.empty()) {
    ::unsetenv("LD_LIBRARY_PATH");
  } else {
    ::setenv("LD_LIBRARY_PATH", before.c_str(), 1);
  }
  CHECK(blas["library"] == fs::canonical(folder.path() / "libblas.so.3").string());
  CHECK(blas["kind"] == "reference");
  CHECK(blas["is_reference"] == true);
  CHECK(blas["warning"].get<std::string>().find("libopenblas0-pthread") != std::string::npos);
  const json usual = doctor(golden("in_place.traced"))["blas"];
  CHECK(usual["library"] != blas["library"]);
  if (usual["library"].get<std::string>().find("openblas") != std::string::npos) {
    CHECK(usual["kind"] == "OpenBLAS");
    CHECK(usual["is_reference"] == false);
  }
}

TEST_CASE("doctor says threads and device as they are used", "[doctor]") {
  const json one = doctor(golden("in_place.traced") + " --threads 1 --device cpu");
  CHECK(one["threads"] == 1);
  CHECK(one["device"]["used"] == "cpu");
  CHECK(doctor(golden("in_place.traced") + " --threads 2")["threads"] == 2);
}

TEST_CASE("doctor finds what training left in a file, and refuses where it is in the graph", "[doctor]") {
  const TemporaryFolder folder;
  torch::jit::Module model = load("honest");
  model.eval();
  model.save((folder.path() / "eval.pt").string());
  model.train();
  model.save((folder.path() / "train.pt").string());
  CHECK(doctor((folder.path() / "eval.pt").string())["training_leftovers"].empty());
  const json left = doctor((folder.path() / "train.pt").string());  // the flags alone do no harm
  CHECK(left["training_leftovers"].size() == 21);
  CHECK(left["findings"].empty());
  const auto differs = left["training_differs"].get<std::vector<std::string>>();
  CHECK(differs == std::vector<std::string>{"block1.norm (BatchNorm2d)", "block2.norm (BatchNorm2d)",
                                            "block3.norm (BatchNorm2d)", "block4.norm (BatchNorm2d)"});
  const json traced = doctor(golden("training_mode.traced") + " --tensor " + write_input(folder), 1);
  REQUIRE(traced["findings"].size() == 1);
  CHECK(traced["findings"][0]["code"] == "training_mode");
  CHECK(traced["findings"][0]["remedy"].get<std::string>().find("model.eval()") != std::string::npos);
}

TEST_CASE("doctor chooses the layer, the quickest prefix and a batch, and says why and at what cost", "[doctor]") {
  const TemporaryFolder folder;
  const json choice = doctor(card("rule"))["choice"];
  CHECK(choice["layer"] == "block4");
  CHECK(choice["why"] == "the card names it");
  CHECK(choice["closed_form_head"] == true);
  const auto prefix_ms = choice["prefix_ms"].get<std::map<std::string, double>>();
  REQUIRE(prefix_ms.count(choice["prefix"]) == 1);
  CHECK(prefix_ms.size() >= 3);
  for (const auto& [name, ms] : prefix_ms) {
    INFO(name);
    CHECK(ms >= prefix_ms.at(choice["prefix"]));
    CHECK(ms > 0);
  }
  CHECK(choice["prefix_why"].get<std::string>().find("unoptimised") != std::string::npos);
  CHECK(choice["batch"] == 1);
  CHECK_FALSE(choice["batch_why"].get<std::string>().empty());
  const json cost = choice["estimate"];
  CHECK(cost["images_per_second"].get<double>() == Approx(1000 / cost["ms_per_image"].get<double>()));
  CHECK(cost["minutes_for_10000"].get<double>() == Approx(cost["ms_per_image"].get<double>() / 6));
  CHECK(cost["peak_mb"].get<double>() > 50);  // LibTorch alone takes more
  CHECK(cost["peak_mb_batch_8"].get<double>() >= cost["peak_mb"].get<double>());

  const json proposed = doctor(golden("unused.scripted") + " --tensor " + write_input(folder))["choice"];
  CHECK(proposed["why"] == "the deepest layer that still has places");
}

TEST_CASE("layers tells the work behind each layer, what it needs and where else to go", "[layers]") {
  const json rows = test::run_driver("layers " + card("honest") + " --json").json()["layers"];
  // The same, from the weights: multiply-adds = values of the output × weights for one of them.
  const torch::jit::Module model = load("honest");
  std::map<std::string, double> work;
  for (const auto& named : model.named_modules()) {
    if (!named.value.hasattr("weight")) continue;
    const at::Tensor weight = named.value.attr("weight").toTensor();
    if (weight.dim() < 2) continue;
    double values = 1;
    const auto shape = row(rows, "name", named.name)["shape"].get<std::vector<double>>();
    for (const double extent : shape) values *= extent;
    work[named.name] = values * static_cast<double>(weight[0].numel());
  }
  REQUIRE(work.size() == 5);
  double total = 0;
  for (const auto& [name, one] : work) total += one;
  CHECK(row(rows, "name", "block3")["share_behind"].get<double>() ==
        Approx((work.at("block4.conv") + work.at("head")) / total));
  CHECK(row(rows, "name", "block1.conv")["share_behind"].get<double>() ==
        Approx(1 - work.at("block1.conv") / total));
  CHECK(row(rows, "name", "head")["share_behind"] == 0);
  CHECK(row(rows, "name", "average")["suitable"] == false);
  CHECK(row(rows, "name", "average")["nearest"] == "block4");
  CHECK(row(rows, "name", "block4")["nearest"] == "");

  const json twice =
      test::run_driver("layers " + golden("twice.traced") + " --shape 1,3,12,12 --json").json()["layers"];
  CHECK(row(twice, "name", "mid")["needs"] == "--call 0 … 1");
  CHECK(row(twice, "name", "fc")["nearest"] == "mid");
  const json loop =
      test::run_driver("layers " + golden("run_time_loop.scripted") + " --shape 1,3,12,12 --json").json()["layers"];
  CHECK(row(loop, "name", "mid")["reason"].get<std::string>().find("loop") != std::string::npos);
  CHECK(row(loop, "name", "mid")["nearest"] == "stem");
}
