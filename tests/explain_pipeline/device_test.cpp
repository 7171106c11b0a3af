// Half precision, and a GPU that is not there.
#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "explain/methods/maps.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/batch.h"
#include "explain/pipeline/precision.h"
#include "explain/torch.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

SplitOptions options_of(const ModelCard& card) {
  return {.layer = card.layers.front(), .input_shape = {2, 1, 96, 96}, .mode = Mode::kFast, .prefix_variant = "frozen"};
}

FloatArray film() {
  FloatArray array{{1, 96, 96}, {}};
  for (int i = 0; i < 96 * 96; ++i) array.values.push_back(std::sin(static_cast<float>(i % 977) / 50));
  return array;
}

}  // namespace

TEST_CASE("half precision ends at the cut, and its deviation is measured", "[pipeline][precision]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  SplitOptions options = options_of(card);
  const auto plain = load_split_model(card.model_file, options);
  CHECK(largest_deviation(*plain, *plain, card.input_shape) == 0);
  options.prefix_variant = "bfloat16";
  const auto half = load_split_model(card.model_file, options);
  CHECK(half->facts().prefix_variant == "bfloat16");
  // 8 bits of significand round by 2^-9 in each of a few layers.
  const double deviation = largest_deviation(*half, *plain, card.input_shape);
  CHECK(deviation > 1e-4);
  CHECK(deviation < 0.05);

  const FloatArray one = film();
  const auto run = half->run(at::ones({2, 1, 96, 96}));
  CHECK(half->activation(*run).scalar_type() == at::kFloat);
  CHECK(half->logits(*run).scalar_type() == at::kFloat);
  const auto exact = BatchExplainer(*plain, "grad_cam", 1, card.input_shape, 2).explain({&one})[0];
  const auto near = BatchExplainer(*half, "grad_cam", 1, card.input_shape, 2).explain({&one})[0];
  float largest = 0, difference = 0;
  for (std::size_t i = 0; i < exact.maps[0].values.size(); ++i) {
    largest = std::max(largest, std::abs(exact.maps[0].values[i]));
    difference = std::max(difference, std::abs(exact.maps[0].values[i] - near.maps[0].values[i]));
  }
  CHECK(difference > 0);  // it did run in another precision
  CHECK(difference < 0.05F * largest);
}

TEST_CASE("a precision that the device does not bear is refused, not run wrongly", "[pipeline][precision]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  SplitOptions options = options_of(card);
  options.prefix_variant = "float16";  // on a CPU: older versions of LibTorch have no kernels, newer ones do
  try {
    const auto half = load_split_model(card.model_file, options);
    CHECK(half->facts().prefix_variant == "float16");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(error.code == "half_precision");
    CHECK(error.remedy.find("float32") != std::string::npos);
  }
  options.layer = kInputLayer;
  CHECK_THROWS_AS(load_split_model(card.model_file, options), Error);
}

TEST_CASE("a GPU that is not there is said before any work", "[pipeline][gpu]") {
  const ModelCard card = test::sample_card();
  SplitOptions options = options_of(card);
  options.device = "cuda";
  if (has_cuda()) return;  // then it is there
  try {
    load_split_model(card.model_file, options);
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(std::string(error.what()).find("CUDA") != std::string::npos);
    CHECK(error.remedy.find("--device cpu") != std::string::npos);
  }
  CHECK_FALSE(means_cuda("auto"));
  CHECK(means_cuda("cuda:1"));
}

TEST_CASE("on a GPU the maps are the CPU's", "[.gpu]") {
  if (!has_cuda()) return;
  make_deterministic();
  const ModelCard card = test::sample_card();
  SplitOptions options = options_of(card);
  const auto on_cpu = load_split_model(card.model_file, options);
  options.device = "cuda";
  const auto on_gpu = load_split_model(card.model_file, options);
  const FloatArray one = film();
  BatchExplainer cpu(*on_cpu, "grad_cam", 1, card.input_shape, 2), gpu(*on_gpu, "grad_cam", 1, card.input_shape, 2);
  CHECK(gpu.device() == "cuda");
  const auto expected = cpu.explain({&one})[0];
  for (int again = 0; again < 2; ++again) {  // the second pass goes by way of pinned memory
    const auto found = gpu.explain({&one})[0];
    CHECK(found.logits[0] == Approx(expected.logits[0]).margin(1e-4));
    for (std::size_t i = 0; i < expected.maps[0].values.size(); ++i) {
      CHECK(found.maps[0].values[i] == Approx(expected.maps[0].values[i]).margin(1e-4));
    }
  }
}
