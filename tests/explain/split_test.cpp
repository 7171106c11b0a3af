// Properties of the split that the engine above relies on.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/base/error.h"
#include "data/base/file.h"
#include "explain/methods/grad_cam.h"
#include "explain/methods/maps.h"
#include "explain/model/split_model.h"
#include "explain/model/targets.h"
#include "explain/torch.h"
#include "tests/explain/made_model.h"
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

TEST_CASE("Every optimised prefix bears skip connections and values that are read twice", "[explain][split]") {
  const auto folder = test::shared("golden/explanation", 6);
  if (!folder) return;
  const std::string variant = GENERATE("frozen", "channels_last", "onednn");
  for (const auto& [file, layer] : std::vector<std::pair<std::string, std::string>>{
           {"m02_resnet.traced.pt", "layer2"}, {"m03_densenet.traced.pt", "norm_last"}, {"m03_densenet.scripted.pt", "block2"}}) {
    CAPTURE(variant, file);
    SplitOptions options{.layer = layer, .input_shape = {2, 3, 32, 32}};
    const auto plain = load_split_model(*folder / "models" / file, options);
    options.mode = Mode::kFast;
    options.prefix_variant = variant;
    const auto fast = load_split_model(*folder / "models" / file, options);
    CHECK(fast->facts().prefix_variant == variant);  // one whose scores differ is not taken
    torch::manual_seed(5);
    const at::Tensor x = at::randn({2, 3, 32, 32});
    const at::Tensor before = x.clone();
    const auto plain_run = plain->run(x), fast_run = fast->run(x);
    CHECK(relative(fast->activation(*fast_run), plain->activation(*plain_run)) <= 1e-5);
    CHECK(relative(fast->logits(*fast_run), plain->logits(*plain_run)) <= 1e-5);
    CHECK(at::equal(x, before));
  }
}

TEST_CASE("In fast mode a model cut at its input has its batch norms folded, and the same scores",
          "[explain][split]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  SplitOptions options{.layer = kInputLayer, .input_shape = {2, 3, 32, 32}};
  const auto plain = load_split_model(*folder / "models/m02_resnet.traced.pt", options);
  options.mode = Mode::kFast;
  const auto fast = load_split_model(*folder / "models/m02_resnet.traced.pt", options);
  CHECK(fast->facts().prefix_variant.rfind("folded", 0) == 0);
  torch::manual_seed(5);
  const at::Tensor x = at::randn({2, 3, 32, 32});
  const auto plain_run = plain->run(x), fast_run = fast->run(x);
  CHECK(relative(fast->logits(*fast_run), plain->logits(*plain_run)) <= 1e-5);
  // A ReLU at its kink may switch: the direction is what must stay.
  const at::Tensor g = fast->gradients(*fast_run, {{.class_index = 1}})[0].flatten();
  const at::Tensor wanted = plain->gradients(*plain_run, {{.class_index = 1}})[0].flatten();
  CHECK(g.dot(wanted).item<double>() / (g.norm() * wanted.norm()).item<double>() >= 0.999);
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

TEST_CASE("Values that no submodule returns are addressed by name and by number", "[explain][values]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const std::string form = GENERATE("traced", "scripted");
  const auto file = *folder / "models" / ("m03_densenet." + form + ".pt");
  const std::vector<std::int64_t> shape{2, 3, 32, 32};
  const auto cut = [&](const std::string& layer) {
    return load_split_model(file, {.layer = layer, .input_shape = shape});
  };
  torch::manual_seed(5);
  const at::Tensor x = at::randn(shape);
  const auto norm = cut("norm_last"), relu = cut("norm_last@activation");
  const at::Tensor a = relu->activation(*relu->run(x));
  CHECK(relative(a, norm->activation(*norm->run(x)).relu()) <= 1e-6);
  CHECK(relu->facts().has_closed_form_head);

  const auto rows = list_values(file, shape);
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [](const LayerRow& row) { return row.kind == "relu after norm_last"; });
  REQUIRE(found != rows.end());
  CHECK(found->is_suitable);
  CHECK(found->shape == a.sizes().vec());
  const auto numbered = cut(found->name);
  CHECK(numbered->activation(*numbered->run(x)).equal(a));
  // Every suitable value gives the model's own scores.
  for (const LayerRow& row : rows) {
    if (!row.is_suitable) continue;
    INFO(row.name << " " << row.kind);
    const auto split = cut(row.name);
    CHECK(relative(split->logits(*split->run(x)), relu->logits(*relu->run(x))) <= 1e-5);
  }
  for (const char* wrong : {"@9999", "@x", "@"}) CHECK_THROWS_AS(cut(wrong), Error);
  CHECK_THROWS_AS(cut("classifier@activation"), Error);
}

TEST_CASE("A frozen file is explained by its values", "[explain][values]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const TemporaryFolder temporary;
  const auto file = temporary.path() / "frozen.pt";
  torch::jit::Module module = torch::jit::load((*folder / "models/m03_densenet.scripted.pt").string());
  module.eval();
  torch::jit::freeze(module, {}, /*optimize_numerics=*/false).save(file.string());
  const std::vector<std::int64_t> shape{2, 3, 32, 32};
  const auto rows = list_layers(file, shape);
  REQUIRE_FALSE(rows.empty());
  CHECK(rows[0].name == "@0");
  torch::manual_seed(5);
  const at::Tensor x = at::randn(shape);
  const auto frozen = load_split_model(file, {.layer = "", .input_shape = shape});
  CHECK(frozen->facts().layer[0] == '@');
  const auto whole = load_split_model(*folder / "models/m03_densenet.scripted.pt",
                                      {.layer = "norm_last@activation", .input_shape = shape});
  const auto frozen_run = frozen->run(x), whole_run = whole->run(x);
  CHECK(relative(frozen->logits(*frozen_run), whole->logits(*whole_run)) <= 1e-5);
  const auto at_input = load_split_model(file, {.layer = kInputLayer, .input_shape = shape});
  const auto plain = load_split_model(*folder / "models/m03_densenet.scripted.pt",
                                      {.layer = kInputLayer, .input_shape = shape});
  CHECK(relative(at_input->gradients(*at_input->run(x), {{.class_index = 1}})[0],
                 plain->gradients(*plain->run(x), {{.class_index = 1}})[0]) <= 1e-5);
  try {
    load_split_model(file, {.layer = "norm_last", .input_shape = shape});
    FAIL_CHECK("accepted");
  } catch (const Error& error) {
    CHECK(error.code == "frozen_file");
    CHECK(error.remedy.find("@") != std::string::npos);
  }
}

TEST_CASE("Mean gradients, and the maps of several classes in one product, are those of the gradients",
          "[explain][split]") {
  const auto folder = test::shared("golden/explanation", 2);
  if (!folder) return;
  struct Cut {
    const char* model;
    const char* layer;
    bool is_closed;
  };
  const Cut cut = GENERATE(Cut{"m03_densenet", "norm_last", true}, Cut{"m02_resnet", "layer1", false});
  CAPTURE(cut.model, cut.layer);
  SplitOptions options;
  options.layer = cut.layer;
  options.input_shape = {1, 3, 32, 32};
  const auto split = load_split_model(*folder / "models" / (std::string(cut.model) + ".traced.pt"), options);
  REQUIRE(split->facts().has_closed_form_head == cut.is_closed);
  torch::manual_seed(5);
  const auto run = split->run(at::randn({2, 3, 32, 32}));
  const std::vector<Target> targets{{.class_index = 0}, {Target::Kind::kSoftmax, 1, 0}, {.class_index = 1}};
  const auto gradients = split->gradients(*run, targets);
  const auto means = split->mean_gradients(*run, targets);
  const auto maps = grad_cams(split->activation(*run), means);
  REQUIRE(maps.size() == targets.size());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    CHECK(relative(means[t], gradients[t].flatten(2).mean(2)) <= 1e-6);
    CHECK(relative(maps[t], grad_cam(split->activation(*run), gradients[t])) <= 1e-5);
  }
}

TEST_CASE("Layers whose gradient a detach stops are not listed as fine", "[explain][split]") {
  const auto listed = [](const std::string& file, const Shape& shape) {
    std::map<std::string, LayerRow> rows;
    for (const LayerRow& row : list_layers(file, shape)) rows[row.name] = row;
    return rows;
  };
  const std::string form = GENERATE("traced", "scripted");
  for (const char* name : {"detach", "half_detach"}) {  // all of it, and a part
    INFO(name << "." << form);
    const auto rows = listed(test::in_tests(fmt::format("golden/models/{}.{}.pt", name, form)), {1, 3, 12, 12});
    CHECK_FALSE(rows.at("stem").is_suitable);
    CHECK(rows.at("stem").reason.find("detach") != std::string::npos);
  }
  CHECK(listed(test::in_tests("golden/models/detach." + form + ".pt"), {1, 3, 12, 12}).at("mid").is_suitable);
  const auto values = list_values(test::in_tests("golden/models/detach." + form + ".pt"), {1, 3, 12, 12});
  CHECK_FALSE(values.front().is_suitable);
  CHECK(std::any_of(values.begin(), values.end(), [](const LayerRow& row) { return row.is_suitable; }));
}

TEST_CASE("A detach that gives sizes only stops nothing", "[explain][split]") {
  const TemporaryFolder folder;
  const auto file = test::made_model(folder.path(), {{"w", {3, 2, 3, 3}}}, R"(
    a = torch.conv2d(x, self.w, None, [1, 1], [1, 1])
    n = a.detach().size(2)
    return torch.mean(a, [2, 3]) * float(n))");
  const auto values = list_values(file, {1, 2, 6, 6});
  REQUIRE_FALSE(values.empty());
  CHECK(values.front().is_suitable);
}
