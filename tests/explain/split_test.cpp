// Properties of the split that the engine above relies on.
#include <cmath>

#include "data/base/error.h"
#include "explain/methods/maps.h"
#include "explain/model/split_model.h"
#include "explain/model/targets.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

double relative(const at::Tensor& got, const at::Tensor& wanted) {
  return (got - wanted).abs().max().item<double>() /
         std::max(wanted.abs().max().item<double>(), 1e-12);
}

at::Tensor random_input(std::int64_t n) {
  torch::manual_seed(5);
  return at::randn({n, 3, 12, 12});
}

std::unique_ptr<SplitModel> load(const std::string& name, const std::string& layer,
                                 SplitOptions options = {}) {
  options.layer = layer;
  options.input_shape = {1, 3, 12, 12};
  return load_split_model(test::in_tests("golden/models/" + name + ".pt"), options);
}

}  // namespace

TEST_CASE("Running the suffix on repeated activations repeats the scores, whatever crosses the cut",
          "[explain][split]") {
  // in_place has an in-place suffix, batch_side a tensor and a batch size that cross the cut.
  const std::string name = GENERATE("in_place.scripted", "batch_side.scripted", "batch_side.traced",
                                    "slice_assign.traced", "run_time_if.scripted");
  const auto split = load(name, name.rfind("batch_side", 0) == 0 ? "mid" : "stem");
  const auto run = split->run(random_input(2));
  const at::Tensor a = split->activation(*run);
  const at::Tensor three = split->suffix(*run, at::cat({a, a, a}));
  const at::Tensor y = split->logits(*run);
  CHECK(relative(three, at::cat({y, y, y})) <= 1e-6);
  CHECK(relative(split->suffix(*run, a), y) <= 1e-6);
  CHECK_THROWS_AS(split->suffix(*run, a.narrow(0, 0, 1)), Error);
}

TEST_CASE("The gradient at given activations is the gradient of the run", "[explain][split]") {
  const auto split = load("batch_side.scripted", "stem");
  const auto run = split->run(random_input(2));
  const at::Tensor a = split->activation(*run);
  const at::Tensor g = split->gradients(*run, {{.class_index = 1}})[0];
  CHECK(relative(split->suffix_gradient(*run, at::cat({a, a}), 1), at::cat({g, g})) <= 1e-6);
}

TEST_CASE("Every target kind has the slope that finite differences give", "[explain][targets]") {
  const at::Tensor y = at::randn({3, 4}, at::kDouble);
  for (const Target::Kind kind :
       {Target::Kind::kLogit, Target::Kind::kNegLogit, Target::Kind::kSigmoid,
        Target::Kind::kSoftmax, Target::Kind::kLogitDiff}) {
    const Target target{kind, 2, 1};
    const at::Tensor slopes = target_slopes(y, target);
    for (int c = 0; c < 4; ++c) {
      at::Tensor step = at::zeros_like(y);
      step.select(1, c).fill_(1e-5);
      const at::Tensor expected =
          (target_values(y + step, target) - target_values(y - step, target)) / 2e-5;
      CHECK((slopes.select(1, c) - expected).abs().max().item<double>() <= 1e-9);
    }
  }
  CHECK_THROWS_AS(target_values(y, {.class_index = 4}), Error);
  // p(1-p) by subtraction would be 0 here in float32.
  const at::Tensor sure = at::full({1, 1}, 30.0F);
  CHECK(target_slopes(sure, {Target::Kind::kSigmoid, 0, 0}).item<double>() ==
        Approx(std::exp(-30.0)));
}

TEST_CASE("Optimised prefixes give the plain one's scores, and a named choice is followed",
          "[explain][split]") {
  const std::string variant = GENERATE("frozen", "channels_last", "onednn", "unoptimised");
  SplitOptions options;
  options.mode = Mode::kFast;
  options.prefix_variant = variant;
  const auto fast = load("tuple_layer.scripted", "mid", options);
  const auto plain = load("tuple_layer.scripted", "mid");
  CHECK(fast->facts().prefix_variant == variant);
  CHECK(plain->facts().prefix_variant == "unoptimised");
  const at::Tensor x = random_input(2);
  CHECK(relative(fast->logits(*fast->run(x)), plain->logits(*plain->run(x))) <= 1e-5);
  CHECK(relative(fast->activation(*fast->run(x)), plain->activation(*plain->run(x))) <= 1e-5);
}

TEST_CASE("A pooled linear head is read from the weights and equals autograd", "[explain][split]") {
  const auto closed = load("tuple_layer.traced", "mid");
  CHECK_FALSE(closed->facts().has_closed_form_head);  // a convolution lies between
  const auto head = load("default_input.scripted", "mid");
  CHECK_FALSE(head->facts().has_closed_form_head);  // a factor does
  const auto plain = load("unused.scripted", "mid");
  REQUIRE(plain->facts().has_closed_form_head);
  const auto run = plain->run(random_input(2));
  const at::Tensor g =
      plain->gradients(*run, {{.class_index = 0}, {Target::Kind::kSoftmax, 1, 0}})[1];
  // By hand: d softmax_1 / dA = sum_c slope_c W_ck / 36, constant over places.
  CHECK(relative(g, g.mean({2, 3}, true).expand_as(g)) <= 1e-6);
  const at::Tensor cam_sum =
      (plain->gradients(*run, {{.class_index = 0}})[0] * plain->activation(*run)).sum({1, 2, 3});
  const at::Tensor y = plain->logits(*run).select(1, 0);
  // HiResCAM of pooling and a linear layer sums to y - bias: the difference is the same for both
  // images.
  CHECK(std::abs((y - cam_sum)[0].item<double>() - (y - cam_sum)[1].item<double>()) <= 1e-5);
}

TEST_CASE("Float64 runs agree with float32 runs", "[explain][split]") {
  SplitOptions options;
  options.use_double = true;
  const auto precise = load("probabilities.traced", "mid", options);
  const auto plain = load("probabilities.traced", "mid");
  const at::Tensor x = random_input(2);
  const auto run = precise->run(x);
  CHECK(precise->logits(*run).scalar_type() == at::kDouble);
  CHECK(relative(plain->logits(*plain->run(x)), precise->logits(*run).to(at::kFloat)) <= 1e-6);
}

TEST_CASE("Layers are listed in forward order with shape, calls and suitability",
          "[explain][layers]") {
  const auto rows = list_layers(test::in_tests("golden/models/twice.scripted.pt"), {1, 3, 12, 12});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].name == "stem");
  CHECK(rows[0].kind == "Conv2d");
  CHECK(rows[0].shape == std::vector<std::int64_t>{1, 4, 6, 6});
  CHECK(rows[1].name == "mid");
  CHECK(rows[1].calls == 2);
  CHECK(rows[1].is_suitable);
  CHECK(rows[2].name == "fc");
  CHECK_FALSE(rows[2].is_suitable);
  CHECK(rows[2].reason == "no spatial extent ([1, 3])");
  CHECK(propose_layer(rows).name == "mid");

  const auto nested =
      list_layers(test::in_tests("golden/models/run_time_if.scripted.pt"), {1, 3, 12, 12});
  REQUIRE(nested.size() == 3);
  for (const LayerRow& row : nested) {
    if (row.name == "mid") CHECK(row.reason.find("branch or loop") != std::string::npos);
    if (row.name == "stem") CHECK(row.is_suitable);
  }
}

TEST_CASE("A refusal names the nearest layer that works", "[explain][layers]") {
  try {
    load("run_time_if.scripted", "mid");
    FAIL_CHECK("accepted");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(error.remedy.find("--layer stem") != std::string::npos);
  }
}

TEST_CASE("Token grids are parsed and laid out row by row", "[explain][methods]") {
  const TokenGrid grid = parse_token_grid("tokens:1:2x3");
  const at::Tensor tokens = at::arange(2 * 7 * 5, at::kFloat).view({2, 7, 5});
  const at::Tensor places = to_places(tokens, grid);
  CHECK(places.sizes() == at::IntArrayRef({2, 5, 2, 3}));
  CHECK(places[1][4][1][2].item<float>() == tokens[1][6][4].item<float>());
  CHECK_THROWS_AS(parse_token_grid("tokens:1:2"), Error);
  CHECK_THROWS_AS(parse_token_grid("tokens:x:2x3"), Error);
  CHECK_THROWS_AS(to_places(tokens, parse_token_grid("tokens:0:2x3")), Error);
}
