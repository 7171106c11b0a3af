// Cascading randomisation: which weights it reaches, that it repeats, and the rule of the gate.
#include "explain/quality/gate.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "explain/model/tensor_array.h"
#include "explain/quality/image_maps.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

namespace {

Estimate estimate(double mean, std::size_t n) {
  Estimate e;
  e.mean = measured(mean);
  e.n = n;
  return e;
}

}  // namespace

TEST_CASE("Weight layers stand from the output back, as in the reference cascade", "[quality][golden]") {
  const auto folder = test::shared("golden/explanation", 2);
  if (!folder) return;
  for (const json& set : json::parse(std::ifstream(*folder / "metrics.json"))) {
    const std::string name = set["model"];
    const FloatArray input = read_npy_float(*folder / set["input"].get<std::string>());
    std::vector<std::string> wanted;
    for (const json& stage : set["rows"][0]["maps"][0]["randomisation"]) {
      wanted.push_back(stage["randomised_from_output_to"]);
    }
    for (const char* form : {".traced.pt", ".scripted.pt"}) {
      CHECK(weight_layers(*folder / "models" / (name + form), input.shape) == wanted);
    }
  }
}

TEST_CASE("Randomised weights keep their spread, leave earlier layers alone and repeat", "[quality]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const auto file = *folder / "models/m01_gapnet.traced.pt";
  const FloatArray input = read_npy_float(*folder / "inputs/m01_gapnet.npy");
  SplitOptions options;
  options.layer = "features.2";
  options.input_shape = input.shape;
  const auto layers = weight_layers(file, input.shape);
  const auto values = [&](int n_layers, std::uint64_t seed, bool logits) {
    options.randomised = {{layers.begin(), layers.begin() + n_layers}, seed};
    const auto model = load_split_model(file, options);
    const auto run = model->run(to_tensor(input));
    return to_array(logits ? model->logits(*run) : model->activation(*run)).values;
  };
  const auto own = values(0, 1, false);
  CHECK(values(1, 1, false) == own);  // only fc
  CHECK(values(4, 1, false) != own);  // all
  CHECK(values(1, 1, true) != values(0, 1, true));
  CHECK(values(1, 1, true) == values(1, 1, true));
  CHECK(values(1, 1, true) != values(1, 2, true));
  options.randomised = {{"no_such_layer"}, 1};
  CHECK_THROWS_AS(load_split_model(file, options), Error);
}

TEST_CASE("The gate passes, fails or says what it lacks", "[quality]") {
  GateStage last;
  last.ssim = estimate(0.1, 24);
  last.spearman = estimate(0.16, 24);
  const Estimate unrelated = estimate(0.2, 24);
  const auto verdict = [&](const Estimate& of_other_images) { return judge_gate(last, of_other_images).first; };
  CHECK(verdict(unrelated) == GateVerdict::kPassed);
  last.spearman = estimate(0.4, 24);
  CHECK(verdict(unrelated) == GateVerdict::kFailed);
  CHECK(judge_gate(last, unrelated).second.rfind("method fails the sanity check for this model", 0) == 0);
  last.spearman = estimate(0.16, 24);
  last.ssim = estimate(-0.01, 24);
  CHECK(judge_gate(last, unrelated).second.find("SSIM \u22120.01") != std::string::npos);  // a real minus
  last.ssim = estimate(0.42, 24);
  CHECK(verdict(unrelated) == GateVerdict::kFailed);
  CHECK(verdict(estimate(0.5, 24)) == GateVerdict::kPassed);  // maps of different films are as alike
  last.spearman = estimate(0.41, 24);
  CHECK(verdict(estimate(0.5, 24)) == GateVerdict::kFailed);
  last.spearman = estimate(0.16, 24);
  last.ssim.mean = not_estimable("volume", "planes only");
  CHECK(verdict(unrelated) == GateVerdict::kPassed);
  last.spearman = estimate(0.16, 19);
  CHECK(verdict(unrelated) == GateVerdict::kNotEstimable);
}

TEST_CASE("The stages of a cascade end with all weights and number at most eight", "[quality]") {
  CHECK(gate_stages(1) == std::vector<int>{0, 1});
  CHECK(gate_stages(5) == std::vector<int>{0, 1, 2, 3, 4, 5});
  const auto many = gate_stages(121);
  CHECK(many.size() == 9);
  CHECK(many.back() == 121);
  CHECK(std::adjacent_find(many.begin(), many.end(), std::greater_equal<>()) == many.end());
}

TEST_CASE("The gate compares every image at every stage and comes to a verdict", "[quality]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray input = read_npy_float(*folder / "inputs/m01_gapnet.npy");
  GateRequest request;
  request.source.model = *folder / "models/m01_gapnet.traced.pt";
  request.source.split.layer = "features.2";
  request.source.split.input_shape = {1, input.shape[1], input.shape[2], input.shape[3]};
  // Of every kind: at the layer, without a class, of many runs, at the input with and without channels, a baseline.
  request.methods = {"grad_cam", "eigen_cam", "ablation_cam", "ig_gauss_legendre", "occlusion_pixel", "random_map"};
  request.source.settings.steps = 4;
  for (std::size_t i = 0; i < 24; ++i) {  // the two images with a little noise: enough to have twenty
    FloatArray image = image_of(input, i % 2);
    for (std::size_t p = 0; p < image.values.size(); ++p) {
      image.values[p] += 0.2F * static_cast<float>(std::sin(static_cast<double>(p * (i + 1))));
    }
    request.images.push_back(image);
    request.targets.push_back({Target::Kind::kLogit, static_cast<std::int64_t>(i % 2)});
    request.patients.push_back(std::to_string(i));
  }
  const auto gates = randomisation_gate(request);
  REQUIRE(gates.size() == request.methods.size());
  for (const MethodGate& gate : gates) {
    INFO(gate.method);
    const bool is_baseline = gate.method == "random_map";
    CHECK(gate.stages.size() == (find_method(gate.method).takes_many_runs ? 2 : 5));
    CHECK(gate.stages.front().spearman.mean.value == Approx(1));
    CHECK(gate.stages.back().spearman.n == 24);
    CHECK((gate.stages.back().spearman.mean.value < 0.9999) == !is_baseline);
    CHECK(gate.stages.back().layer == "features.0.0");
    CHECK(gate.is_repeatable);
    CHECK(gate.other_class.n == 24);
    CHECK((gate.other_class.mean.value > 0.999) == (is_baseline || gate.method == "eigen_cam"));
    CHECK(gate.verdict != GateVerdict::kNotEstimable);
    CHECK(gate.shown_spearman.n <= 24);
    CHECK(gate.shown_spearman.n == gate.shown_ssim.n);
  }
  // What does not look at the weights cannot pass.
  CHECK(gates.back().verdict == GateVerdict::kFailed);
  CHECK(gates.back().shown_ssim.mean.value == Approx(1));
}

TEST_CASE("An array that is no map of places is refused where maps are judged", "[quality]") {
  for (const char* name : {"output", "gradient", "score_cam_scores", "occlusion_grid"}) {
    INFO(name);
    CHECK_THROWS_AS(find_map_method(name), Error);
  }
  CHECK(find_map_method("rise").name == "rise");
  try {
    find_map_method("grad_cm");
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.code == "unknown_method");
  }
}

TEST_CASE("Maps at the input lose their channels: attributions by their sum, gradients by the largest", "[quality]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray image = image_of(read_npy_float(*folder / "inputs/m01_gapnet.npy"), 0);
  MapSource source{*folder / "models/m01_gapnet.traced.pt", {}};
  source.split.layer = "features.2";
  source.split.input_shape = {1, image.shape[0], image.shape[1], image.shape[2]};
  const Target target{Target::Kind::kLogit, 1};
  const auto maps = MapMaker(source, {"input_gradient", "grad_cam", "input_x_gradient"}).maps(image, target);
  REQUIRE(maps.size() == 3);
  SplitOptions at_input = source.split;
  at_input.layer = kInputLayer;
  const auto model = load_split_model(source.model, at_input);
  FloatArray batch = image;
  batch.shape.insert(batch.shape.begin(), 1);
  const FloatArray gradient = compute_maps(*model, batch, {"input_gradient", {target}, {}, {}});
  const std::size_t n = maps[0].values.size();
  REQUIRE(gradient.values.size() == 3 * n);
  for (const std::size_t p : {std::size_t{0}, n / 2, n - 1}) {
    float largest = 0, sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      largest = std::max(largest, std::abs(gradient.values[c * n + p]));
      sum += gradient.values[c * n + p] * image.values[c * n + p];
    }
    CHECK(maps[0].values[p] == Approx(largest).margin(1e-7));
    CHECK(maps[2].values[p] == Approx(sum).margin(1e-7));
  }
  CHECK(maps[1].shape.size() == 2);
  CHECK(maps[1].values.size() < n);
}
