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
#include "data/base/file.h"
#include "tests/explain/made_model.h"
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
        "refused not_finite: the model's weights hold NaN or Inf: mid.weight");

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

TEST_CASE("What is wrong with the whole model is said of every layer, and none is proposed", "[explain][bad-input]") {
  const std::string form = GENERATE("traced", "scripted");
  const auto reason_of = [&](const std::string& name, std::int64_t batch) {
    const auto file = test::in_tests("golden/models/" + name + "." + form + ".pt");
    std::string reasons;
    for (const LayerRow& row : list_layers(file, {batch, 3, 12, 12})) {
      CHECK_FALSE(row.is_suitable);
      if (row.shape.size() == 4) reasons += row.reason;
    }
    return reasons;
  };
  CHECK(reason_of("batch_one", 1).find("a batch of two") != std::string::npos);
  CHECK(reason_of("nan_weights", 1).find("weights hold NaN or Inf: mid.weight") != std::string::npos);
  // Two images, and no layer named: the batch is at fault, not the size of the images.
  const auto file = test::in_tests("golden/models/batch_one." + form + ".pt");
  const auto refused = [&](const std::function<void()>& work) { return refusal(work).substr(0, 22); };
  CHECK(refused([&] { load_split_model(file, {.input_shape = {2, 3, 12, 12}}); }) == "refused batch_baked_in");
  CHECK(refused([&] { list_layers(file, {2, 3, 12, 12}); }) == "refused batch_baked_in");
  CHECK(refused([&] { default_layer(file, {1, 3, 12, 12}); }) == "refused batch_baked_in");
}

TEST_CASE("A layer that some classes pass by is not proposed where another has them all", "[explain][layers]") {
  const std::string form = GENERATE("traced", "scripted");
  const auto file = test::in_tests("golden/models/two_heads." + form + ".pt");
  std::vector<std::string> passed_by;
  const auto rows = list_layers(file, {1, 3, 12, 12});
  for (const LayerRow& row : rows) {
    if (!row.is_suitable) continue;
    if (!row.unreached.empty()) passed_by.push_back(row.name);
    CHECK(row.unreached == load("two_heads." + form, row.name)->facts().unreached);
  }
  CHECK_FALSE(passed_by.empty());
  const LayerRow proposed = propose_layer(rows);
  CHECK(proposed.unreached.empty());
  CHECK(proposed.reason.find("all classes") != std::string::npos);
}

TEST_CASE("A model whose logarithm needs values of an 8-bit film is not called broken", "[explain][bad-input]") {
  const TemporaryFolder folder;
  const auto file = test::made_model(folder.path(), {{"w", {3, 1, 3, 3}}, {"v", {2, 3}}}, R"(
    a = torch.relu(torch.conv2d(x, self.w, None, [1, 1], [1, 1]))
    return torch.matmul(a.mean([2, 3]), self.v.t()) * torch.log(x.mean([1, 2, 3]) - 90).unsqueeze(1))");
  const auto model = load_split_model(file, {.layer = "@1", .input_shape = {1, 1, 8, 8}});
  const auto run = model->run(at::full({1, 1, 8, 8}, 150.0));
  CHECK(model->logits(*run).isfinite().all().item<bool>());
}
