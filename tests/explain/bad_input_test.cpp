// Models and inputs that cannot be explained: refused by name, and a run over many cases goes on. What is refused
// at load for its form (loops, branches, frozen, quantised, training mode, batch size, …) is in cases_test.cpp.
#include <cmath>
#include <functional>
#include <limits>

#include "data/base/error.h"
#include "explain/methods/maps.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

std::unique_ptr<SplitModel> load(const std::string& name, const std::string& layer) {
  return load_split_model(test::in_tests("golden/models/" + name + ".pt"),
                          {.layer = layer, .input_shape = {1, 3, 12, 12}});
}

at::Tensor some_input(std::int64_t n) {
  torch::manual_seed(3);
  return at::randn({n, 3, 12, 12}).clamp(-2, 2);
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
    return "accepted";
  } catch (const Error& error) {
    CHECK_FALSE(error.remedy.empty());
    return std::string(kind_name(error.kind)) + " " + error.code + ": " + error.what();
  }
}

std::string refusal_of(const SplitModel& model, const Target& target, const std::string& method = "hires_cam") {
  const auto run = model.run(some_input(1));
  return refusal([&] { compute_maps(model, *run, {.method = method, .targets = {target}}); });
}

}  // namespace

TEST_CASE("A class that the layer does not reach is refused, not given a map of zeros", "[explain][bad-input]") {
  const std::string form = GENERATE("traced", "scripted");
  const auto past = load("two_heads." + form, "mid");
  CHECK(past->facts().unreached == std::vector<std::int64_t>{2});
  using Kind = Target::Kind;
  for (const char* method : {"grad_cam", "hires_cam", "score_cam", "layer_ig"}) {
    INFO(method);
    CHECK(refusal_of(*past, {.class_index = 2}, method) ==
          "refused class_not_reached: class 2 does not depend on layer \"mid\": it is computed past it");
    CHECK(refusal_of(*past, {.class_index = 1}, method) == "accepted");
  }
  CHECK(refusal_of(*past, {.kind = Kind::kSigmoid, .class_index = 2}).rfind("refused class_not_reached", 0) == 0);
  // A difference, or a share of all, depends on the layer through the other classes.
  CHECK(refusal_of(*past, {.kind = Kind::kLogitDiff, .class_index = 2, .other = 0}) == "accepted");
  CHECK(refusal_of(*past, {.kind = Kind::kSoftmax, .class_index = 2}) == "accepted");
  const auto before = load("two_heads." + form, "stem");
  CHECK(before->facts().unreached.empty());
  CHECK(refusal_of(*before, {.class_index = 2}) == "accepted");
}

TEST_CASE("An output that is missing, or must be chosen, is asked for by name", "[explain][bad-input]") {
  const auto file = test::in_tests("golden/models/dict_out.scripted.pt");
  const auto cut = [&](const std::string& output) {
    return refusal([&] { load_split_model(file, {.layer = "mid", .output = output, .input_shape = {1, 3, 12, 12}}); });
  };
  CHECK(cut("").rfind("usage output_needed", 0) == 0);
  CHECK(cut("score").rfind("usage unknown_output", 0) == 0);
  CHECK(cut("scores") == "accepted");
}

TEST_CASE("NaN in the weights is refused at load, NaN for one image at that image", "[explain][bad-input]") {
  const std::string form = GENERATE("traced", "scripted");
  CHECK(refusal([&] { load("nan_weights." + form, "stem"); }) ==
        "refused not_finite: the model returns NaN or Inf for random input");

  // log(min + 9): not finite where an image goes below -9.
  const auto model = load("log_of_input." + form, "mid");
  at::Tensor x = some_input(2);
  x[1][0][0][0] = -10.0F;
  const auto good = model->run(x.narrow(0, 0, 1)), bad = model->run(x.narrow(0, 1, 1));
  const MapRequest request{.method = "grad_cam", .targets = {{.class_index = 0}}};
  for (const float value : compute_maps(*model, *good, request).values) CHECK(std::isfinite(value));
  CHECK(model->logits(*bad).isnan().any().item<bool>());

  // NaN that comes with the image itself.
  at::Tensor hole = some_input(1);
  hole[0][1][2][3] = std::numeric_limits<float>::quiet_NaN();
  const auto holed = model->run(hole);
  CHECK(refusal([&] { compute_maps(*model, *holed, request); }).rfind("refused not_finite", 0) == 0);
}

TEST_CASE("A model of one channel is not fed three", "[explain][bad-input]") {
  for (const char* form : {"one_channel.traced", "one_channel.scripted"}) {
    INFO(form);
    const std::string verdict = refusal([&] { load(form, "mid"); });
    CHECK(verdict.rfind("input input_shape: the model does not accept an input of shape [1, 3, 12, 12]", 0) == 0);
  }
}

TEST_CASE("Quantised and machine-packed files are refused by the operator or object that they hold", "[explain][bad-input]") {
  for (const char* name : {"quantised.scripted", "optimised.scripted"}) {
    INFO(name);
    const std::string verdict = refusal([&] { load(name, "mid"); });
    INFO(verdict);
    CHECK(verdict.rfind("input operator_not_allowed: ", 0) == 0);
    const bool is_named = verdict.find("quantized") != std::string::npos || verdict.find("ConstantMKLDNNTensor") != std::string::npos;
    CHECK(is_named);
  }
}
