// Properties of the methods that no reference vector shows: formulas by hand, independence, repeatability, refusals.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/map_meaning.h"
#include "explain/methods/baselines.h"
#include "explain/methods/eigen_cam.h"
#include "explain/methods/grad_cam_pp.h"
#include "explain/methods/h_shap.h"
#include "explain/methods/layer_cam.h"
#include "explain/methods/maps.h"
#include "explain/methods/occlusion.h"
#include "explain/methods/quadrature.h"
#include "explain/methods/xgrad_cam.h"
#include "explain/model/tensor_array.h"
#include "explain/model/torch_environment.h"
#include "explain/torch.h"
#include "tests/explain/made_model.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

at::Tensor tensor(std::initializer_list<double> values, std::initializer_list<std::int64_t> shape) {
  return at::tensor(std::vector<double>(values)).reshape(std::vector<std::int64_t>(shape));
}

/// @param scale  at least this large counts as the array's largest value
double relative(const FloatArray& got, const FloatArray& wanted, std::size_t offset = 0, double scale = 1e-12) {
  double worst = 0, most = scale;
  for (std::size_t i = 0; i < got.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(got.values[i]) -
                                     static_cast<double>(wanted.values[offset + i])));
    most = std::max(most, std::abs(static_cast<double>(got.values[i])));
  }
  return worst / most;
}

double largest(const FloatArray& array) {
  double most = 0;
  for (const float value : array.values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

/// Eight images [8,3,32,32] out of a golden model's two: whole, turned, halved and darkened.
FloatArray eight_images(const std::filesystem::path& folder) {
  const FloatArray two = read_npy_float(folder / "inputs/m02_resnet.npy");
  const at::Tensor x = to_tensor(two);
  return to_array(at::cat({x, x.flip({3}), 0.5 * x, x.flip({2}) - 0.1}));
}

/// Methods that run with `model`'s layers: all of one level.
std::vector<std::string> names(Level level) {
  std::vector<std::string> result;
  for (const Method& method : methods()) {
    if (method.level == level) result.push_back(method.name);
  }
  return result;
}

MapRequest request_for(const std::string& method) {
  MapRequest request;
  request.method = method;
  request.targets = {{.class_index = 0}, {Target::Kind::kSoftmax, 2, 0}};
  request.settings.samples = 40;
  return request;
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    CHECK(!error.remedy.empty());
    return error.code;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("Channel and place weights follow the papers' formulas", "[explain][methods]") {
  // A = ((1, 2), (0, 3)), g = ((1, -1), (2, 0.5)): two channels, two places, by hand.
  const at::Tensor a = tensor({1, 2, 0, 3}, {1, 2, 1, 2}), g = tensor({1, -1, 2, 0.5}, {1, 2, 1, 2});
  CHECK(layer_cam(a, g).allclose(tensor({1, 1.5}, {1, 1, 2})));
  // S = (3, 3): w_0 = 1 / (2 + 3), w_1 = 2 / (2 + 6) + 0.5 / (2 + 1.5).
  const double w0 = 0.2, w1 = 0.25 + 0.5 / 3.5;
  CHECK(grad_cam_pp(a, g).allclose(tensor({w0, 2 * w0 + 3 * w1}, {1, 1, 2})));
  // sum A g = (-1, 1.5) over sum A = (3, 3).
  CHECK(xgrad_cam(a, g).allclose(tensor({-1.0 / 3, -2.0 / 3 + 1.5}, {1, 1, 2})));
  const at::Tensor dead = tensor({0, 0, 0, 3}, {1, 2, 1, 2});
  CHECK(xgrad_cam(dead, g).allclose(tensor({0, 1.5}, {1, 1, 2})));
  CHECK(refusal([&] { grad_cam_pp(a - 1, g); }) == "negative_activations");
  CHECK(refusal([&] { xgrad_cam(a - 1, g); }) == "negative_activations");
  CHECK(refusal([&] { layer_cam(a.sum({2, 3}, true), g.sum({2, 3}, true)); }) == "no_places");
}

TEST_CASE("Eigen-CAM has a fixed sign and says when the pattern is not determined", "[explain][methods]") {
  // One channel pattern (3, 4) at strengths 1 and 2: sigma2 = 0, v = (3, 4) / 5, X v = 5 and 10.
  const at::Tensor a = tensor({3, 6, 4, 8}, {1, 2, 1, 2});
  const auto [map, ratio] = eigen_cam(at::cat({a, -a}), Centring::kNone);
  CHECK(map.allclose(tensor({5, 10, 5, 10}, {2, 1, 2})));
  CHECK(ratio.abs().max().item<double>() <= 1e-12);
  const auto [equal, one] = eigen_cam(tensor({1, 0, 0, 1}, {1, 2, 1, 2}), Centring::kNone);
  CHECK(one.item<double>() == Approx(1));
  const auto [nothing, zero] = eigen_cam(at::zeros({1, 2, 2, 2}), Centring::kColumns);
  CHECK(nothing.abs().max().item<double>() == 0);
  CHECK(zero.item<double>() == 0);
}

TEST_CASE("Quadrature is exact for the polynomials that it should be", "[explain][methods]") {
  for (const int n : {1, 2, 5, 50, 400}) {
    const Quadrature q = gauss_legendre(n);
    const int degree = std::min(2 * n - 1, 60);
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < q.nodes.size(); ++i) {
      sum += q.weights[i] * std::pow(q.nodes[i], degree);
      total += q.weights[i];
      if (i > 0) CHECK(q.nodes[i] > q.nodes[i - 1]);
    }
    CHECK(total == Approx(1).epsilon(1e-11));
    CHECK(sum == Approx(1.0 / (degree + 1)).epsilon(1e-10));
  }
  // Abramowitz and Stegun, table 25.4, n = 3: root 0.7745966692414834, weight 0.5555555555555556 over -1 … 1.
  CHECK(gauss_legendre(3).nodes[2] == Approx((1 + 0.7745966692414834) / 2).epsilon(1e-14));
  CHECK(gauss_legendre(3).weights[2] == Approx(0.5555555555555556 / 2).epsilon(1e-14));
  CHECK(trapezoid(3).weights == std::vector<double>{0.25, 0.5, 0.25});
}

TEST_CASE("Occlusion windows cover the whole side, and grow with it", "[explain][methods]") {
  const Windows small = occlusion_windows({32, 40}, {});
  CHECK(small.size == Shape{8, 8});
  CHECK(small.stride == Shape{4, 4});
  CHECK(small.count == Shape{7, 9});
  const Windows large = occlusion_windows({224, 224}, {});
  CHECK(large.size == Shape{32, 32});
  CHECK(large.count == Shape{13, 13});
  const Windows tiny = occlusion_windows({3, 5}, {});
  CHECK(tiny.size == Shape{3, 5});
  CHECK(tiny.count == Shape{1, 1});
}

TEST_CASE("A batch of eight gives what its images give alone, whatever the method", "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  set_reproducible_threads(2);
  const FloatArray eight = eight_images(*folder);
  for (const Level level : {Level::kLayer, Level::kInput, Level::kAny}) {
    for (const std::string& method : names(level)) {
      INFO(method);
      SplitOptions options;
      if (level == Level::kLayer) options.layer = "layer2.1.relu";
      if (level == Level::kLayer) options.call = 1;
      options.input_shape = eight.shape;
      const auto model =
          load_split_model(*folder / "models/m02_resnet.traced.pt", split_for(method, options));
      const MapRequest request = request_for(method);
      const FloatArray all = compute_maps(*model, eight, request);
      const std::size_t size = all.values.size() / 8, image = eight.values.size() / 8;
      for (std::size_t n = 0; n < 8; ++n) {
        FloatArray one{{1, 3, 32, 32}, {}};
        one.values.assign(eight.values.begin() + static_cast<std::ptrdiff_t>(n * image),
                          eight.values.begin() + static_cast<std::ptrdiff_t>((n + 1) * image));
        // A drop is a difference of scores, and rounded like them.
        const bool is_drop = method.find("occlusion") != std::string::npos || method == "ablation_drop" ||
                             method == "score_cam_scores";
        const double scale = is_drop ? largest(compute_maps(*model, one, request_for("target_value"))) : 1e-12;
        CHECK(relative(compute_maps(*model, one, request), all, n * size, scale) <= 1e-5);
      }
    }
  }
  set_threads(1);
}

TEST_CASE("The same bytes on repeat and with one or two threads, whatever the method", "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray eight = eight_images(*folder);
  for (const Method& method : methods()) {
    INFO(method.name);
    SplitOptions options;
    if (method.level == Level::kLayer) options.layer = "layer1.1";
    options.input_shape = eight.shape;
    std::vector<FloatArray> maps;
    for (const int threads : {1, 2, 2}) {
      set_reproducible_threads(threads);
      const auto model =
          load_split_model(*folder / "models/m02_resnet.scripted.pt", split_for(method.name, options));
      maps.push_back(compute_maps(*model, eight, request_for(method.name)));
    }
    const std::size_t bytes = maps[0].values.size() * sizeof(float);
    CHECK(std::memcmp(maps[0].values.data(), maps[1].values.data(), bytes) == 0);
    CHECK(std::memcmp(maps[1].values.data(), maps[2].values.data(), bytes) == 0);
  }
  set_threads(1);
}

TEST_CASE("Several classes in one call are the single ones side by side", "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray x = read_npy_float(*folder / "inputs/m02_resnet.npy");
  for (const Method& method : methods()) {
    if (!method.needs_class || method.name == "target_value") continue;
    INFO(method.name);
    SplitOptions options;
    if (method.level == Level::kLayer) options.layer = "layer2.1";
    options.input_shape = x.shape;
    const auto model =
        load_split_model(*folder / "models/m02_resnet.traced.pt", split_for(method.name, options));
    MapRequest request = request_for(method.name);
    const FloatArray both = compute_maps(*model, x, request);
    CHECK(both.shape[0] == 2);
    CHECK(both.shape[1] == 2);
    request.targets = {request.targets[1]};
    const FloatArray second = compute_maps(*model, x, request);
    const std::size_t size = second.values.size() / 2;
    FloatArray first_image{second.shape, {}};
    first_image.values.assign(second.values.begin(), second.values.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(relative(first_image, both, size) <= 1e-5);
  }
}

TEST_CASE("Steps are doubled until the completeness gap is below 5 percent, and the gap is told",
          "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray x = read_npy_float(*folder / "inputs/m02_resnet.npy");
  SplitOptions options;
  options.input_shape = x.shape;
  const auto model = load_split_model(*folder / "models/m02_resnet.traced.pt",
                                      split_for("ig_trapezoid", options));
  const auto run = model->run(to_tensor(x));
  MapRequest request = request_for("ig_trapezoid");
  request.settings.steps = 3;  // coarse, so that doubling is needed
  const MapResult coarse = explain_maps(*model, *run, request);
  request.settings.adapts_steps = true;
  const MapResult fine = explain_maps(*model, *run, request);
  REQUIRE(fine.facts.size() == 3);
  CHECK(fine.facts[0].name == "completeness_gap");
  CHECK(fine.facts[0].values.shape == Shape{2, 2});
  double most_steps = 0, coarse_gap = 0, fine_gap = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double gap = std::abs(fine.facts[0].values.values[i]), change = std::abs(fine.facts[1].values.values[i]);
    CHECK((gap <= 0.05 * change || fine.facts[2].values.values[i] == 400));
    most_steps = std::max(most_steps, fine.facts[2].values.values[i]);
    coarse_gap = std::max(coarse_gap, std::abs(coarse.facts[0].values.values[i]));
    fine_gap = std::max(fine_gap, gap);
  }
  CHECK(most_steps > 3);
  CHECK(fine_gap < coarse_gap);
  CHECK_FALSE(coarse.cautions.empty());
}

TEST_CASE("Channels removed in groups share their drop", "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray x = read_npy_float(*folder / "inputs/m01_gapnet.npy");
  SplitOptions options;
  options.layer = "features.2";
  options.input_shape = x.shape;
  const auto model = load_split_model(*folder / "models/m01_gapnet.traced.pt", options);
  MapRequest request;
  request.method = "ablation_drop";
  request.targets = {{.class_index = 0}};
  const FloatArray single = compute_maps(*model, x, request);
  request.settings.channel_group = 5;  // 32 channels: the last group has two
  const FloatArray grouped = compute_maps(*model, x, request);
  REQUIRE(grouped.shape == single.shape);
  // Behind the layer all is linear: the drop of a group is the sum of its channels' drops.
  for (std::size_t first = 0; first < 30; first += 5) {
    double sum = 0;
    for (std::size_t k = first; k < first + 5; ++k) sum += static_cast<double>(single.values[k]);
    CHECK(static_cast<double>(grouped.values[first]) == Approx(sum / 5).margin(1e-5));
  }
  const double last = static_cast<double>(single.values[30]) + static_cast<double>(single.values[31]);
  for (const std::size_t k : {30, 31}) CHECK(static_cast<double>(grouped.values[k]) == Approx(last / 2).margin(1e-5));
}

TEST_CASE("A regression is explained from its reference, and stays signed", "[explain][methods]") {
  const TemporaryFolder folder;
  const auto file = test::made_model(folder.path(), {{"w", {6, 2, 3, 3}}, {"h", {2, 384}}}, R"(
    a = torch.relu(torch.conv2d(x, self.w, None, [2, 2], [1, 1]))
    return torch.matmul(torch.flatten(a, 1), self.h.t()))");
  const Shape shape{1, 2, 16, 16};
  SplitOptions options;
  options.input_shape = shape;
  for (const LayerRow& row : list_values(file, shape)) {
    if (row.kind.starts_with("relu")) options.layer = row.name;
  }
  const auto split = load_split_model(file, options);
  const auto run = split->run(pseudo_random(shape, 3));
  const double y = split->logits(*run)[0][1].item<double>();
  const auto values = [&](const std::string& method, Target::Kind kind, double reference) {
    MapRequest request{.method = method, .targets = {{.kind = kind, .class_index = 1, .reference = reference}}};
    return compute_maps(*split, *run, request).values;
  };
  using Kind = Target::Kind;
  const double reference = y + 3;
  CHECK(values("target_value", Kind::kLogit, reference)[0] == Approx(-3).epsilon(1e-4));
  CHECK(values("target_value", Kind::kNegLogit, reference)[0] == Approx(3).epsilon(1e-4));
  CHECK(values("grad_cam", Kind::kLogit, reference) == values("grad_cam", Kind::kLogit, 0));
  // Ablation-CAM divides by the target's size.
  const auto from_zero = values("ablation_cam", Kind::kLogit, 0), from_reference = values("ablation_cam", Kind::kLogit, reference);
  for (std::size_t i = 0; i < from_zero.size(); ++i) {
    CHECK(from_reference[i] * 3 == Approx(from_zero[i] * std::abs(y)).margin(1e-4));
  }
  const auto [low, high] = std::ranges::minmax(values("hires_cam", Kind::kLogit, reference));
  CHECK(low < 0);
  CHECK(high > 0);
}

TEST_CASE("What a cell's value is called follows the method, and maps in units of the target grow with it",
          "[explain][methods]") {
  CHECK(map_meaning("grad_cam[tokens:1:7x7]", "logit") == "Contribution to the logit");
  CHECK(map_meaning("occlusion_pixel", "probability") == "Fall of the probability when covered");
  CHECK(map_meaning("score_cam", "logit") == "Weighted activation");
  CHECK(map_meaning("no_such_method", "logit") == "Value of the map");
  for (const Method& method : methods()) {
    INFO(method.name);
    CHECK(map_meaning(method.name, "logit") != "Value of the map");
  }
  // A head of twice the weights doubles the target and nothing else.
  const TemporaryFolder one, two;
  const auto made = [](const std::filesystem::path& folder, double scale) {
    return test::made_model(folder, {{"w1", {6, 2, 3, 3}}, {"w2", {6, 6, 3, 3}}, {"h", {3, 96}, scale}}, R"(
    a = torch.relu(torch.conv2d(x, self.w1, None, [2, 2], [1, 1]))
    b = torch.relu(torch.conv2d(a, self.w2, None, [2, 2], [1, 1]))
    return torch.matmul(torch.flatten(b, 1), self.h.t()))");
  };
  const auto single = made(one.path(), 0.3), twice = made(two.path(), 0.6);
  const Shape shape{1, 2, 16, 16};
  std::string layer;
  for (const LayerRow& row : list_values(single, shape)) {
    if (row.kind.starts_with("relu")) layer = row.name;
  }
  const at::Tensor x = pseudo_random(shape, 3);
  const auto map = [&](const std::filesystem::path& file, const Method& method) {
    SplitOptions options;
    if (method.level == Level::kLayer) options.layer = layer;
    options.input_shape = shape;
    const auto split = load_split_model(file, split_for(method.name, options));
    MapRequest request{.method = method.name, .targets = {{.class_index = 1}}};
    request.settings.samples = 40;
    return compute_maps(*split, *split->run(x), request);
  };
  int n_in_units = 0, n_others = 0;
  for (const Method& method : methods()) {
    if (method.use != Use::kExplanation) continue;
    const bool is_in_units = is_in_target_units(method.name);
    if (!is_in_units && method.level != Level::kLayer) continue;  // slopes double too, per unit of input
    INFO(method.name);
    FloatArray wanted = map(single, method);
    for (float& value : wanted.values) value *= 2;
    const double off = relative(map(twice, method), wanted);
    CHECK((is_in_units ? off < 1e-4 : off > 1e-2));
    ++(is_in_units ? n_in_units : n_others);
  }
  CHECK(n_in_units == 12);
  CHECK(n_others == 3);
}

TEST_CASE("A map of another kind of evidence is labelled, and undefined rules are refused", "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray x = read_npy_float(*folder / "inputs/m10_vit.npy");
  SplitOptions options;
  options.input_shape = x.shape;
  const auto load = [&](const std::string& model, const std::string& method) {
    return load_split_model(*folder / "models" / (model + ".traced.pt"), split_for(method, options));
  };
  CHECK(refusal([&] { load("m10_vit", "guided_backprop"); }) == "other_activation");
  const auto guided = load("m01_gapnet", "guided_backprop");
  const MapResult map = explain_maps(*guided, *guided->run(to_tensor(x)), request_for("guided_backprop"));
  REQUIRE(map.cautions.size() == 1);
  CHECK(map.cautions[0].find("randomisation") != std::string::npos);
  options.layer = "features.2";
  CHECK(refusal([&] { load("m01_gapnet", "input_gradient"); }) == "input_method");
  CHECK(refusal([&] { find_method("gradcam"); }) == "unknown_method");
}

TEST_CASE("The edge map is flat where the image is, and the random map differs by image and seed",
          "[explain][methods]") {
  at::Tensor image = at::zeros({1, 1, 6, 6});
  image.narrow(3, 3, 3).fill_(1);  // a step between columns 2 and 3
  const at::Tensor edges = edge_map(image)[0];
  CHECK(edges.select(1, 0).abs().max().item<double>() == 0);
  CHECK(edges.select(1, 2).allclose(at::full({6}, 4.0, at::kDouble)));  // 1 + 2 + 1
  const at::Tensor two = at::cat({image, 2 * image});
  const at::Tensor random = random_map(two, {3, 4}, 7);
  CHECK(random.sizes() == at::IntArrayRef({2, 3, 4}));
  CHECK_FALSE(random[0].equal(random[1]));
  CHECK(random[1].equal(random_map(2 * image, {3, 4}, 7)[0]));
  CHECK_FALSE(random.equal(random_map(two, {3, 4}, 8)));
}

TEST_CASE("Shapley values of four players are the mean over all orders of what each adds", "[explain][methods]") {
  std::array<double, 16> v{};
  for (std::size_t c = 0; c < v.size(); ++c) v[c] = std::sin(7.0 * static_cast<double>(c)) + static_cast<double>(c % 3);
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  std::array<double, 4> wanted{};
  do {
    std::size_t coalition = 0;
    for (const std::size_t q : order) {
      const std::size_t larger = coalition | std::size_t{1} << q;
      wanted[q] += (v[larger] - v[coalition]) / 24;
      coalition = larger;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  const auto phi = shapley_of_four(v);
  for (std::size_t q = 0; q < 4; ++q) CHECK(phi[q] == Approx(wanted[q]));
  CHECK(phi[0] + phi[1] + phi[2] + phi[3] == Approx(v[15] - v[0]));
}

TEST_CASE("h-Shap's quadrants add up to what the image adds, and only those that matter are divided",
          "[explain][methods]") {
  const auto folder = test::shared("golden/explanation", 2);
  if (!folder) return;
  const FloatArray images = read_npy_float(*folder / "inputs/m02_resnet.npy");  // [2,3,32,32]
  SplitOptions options;
  options.input_shape = images.shape;
  const auto model = load_split_model(*folder / "models/m02_resnet.traced.pt", split_for("h_shap", options));
  const Target target{Target::Kind::kLogit, 1};
  MapRequest request{"h_shap", {target}, {}, {32, 32}};
  request.settings.window = 16;
  const FloatArray coarse = compute_maps(*model, images, request);
  REQUIRE(coarse.shape == Shape{2, 32, 32});
  const auto score = [&](const at::Tensor& x) { return to_array(model->scores(x)).values.at(1); };
  for (std::size_t n = 0; n < 2; ++n) {
    const at::Tensor x = to_tensor(images).narrow(0, static_cast<std::int64_t>(n), 1);
    const float* map = coarse.values.data() + n * 1024;
    const double sum = static_cast<double>(map[0]) + map[31] + map[31 * 32] + map[1023];
    CHECK(sum == Approx(score(x) - score(at::zeros_like(x))).epsilon(1e-4).margin(1e-5));
    CHECK(map[15 * 32 + 15] == map[0]);  // one value a quadrant
    CHECK(map[16 * 32 + 16] == map[1023]);
  }
  request.settings.window = 8;
  const FloatArray fine = compute_maps(*model, images, request);
  int n_divided = 0;
  for (std::size_t n = 0; n < 2; ++n) {
    for (const std::size_t corner : {0U, 16U, 512U, 528U}) {  // the first pixel of each quadrant
      const std::size_t at = n * 1024 + corner;
      const bool is_divided = fine.values[at] != fine.values[at + 8] || fine.values[at] != fine.values[at + 8 * 32];
      if (coarse.values[at] <= 0) CHECK_FALSE(is_divided);
      n_divided += is_divided ? 1 : 0;
    }
  }
  CHECK(n_divided > 0);
}
