// Methods on volumes: against the same network in two dimensions, against finite differences, and their slices.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/volume/slice_energy.h"
#include "explain/methods/display.h"
#include "explain/methods/maps.h"
#include "explain/methods/slice_evidence.h"
#include "explain/model/receptive_field.h"
#include "explain/model/tensor_array.h"
#include "tests/explain/made_model.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// Two convolutions, a sum and a dense head: gradients differ from place to place.
std::filesystem::path flat_model(const std::filesystem::path& folder) {
  return test::made_model(folder, {{"w1", {6, 2, 3, 3}}, {"w2", {6, 6, 3, 3}}, {"h", {3, 96}}}, R"(
    a = torch.relu(torch.conv2d(x, self.w1, None, [2, 2], [1, 1]))
    b = torch.relu(torch.conv2d(a, self.w2, None, [2, 2], [1, 1]))
    return torch.matmul(torch.flatten(b, 1), self.h.t()))");
}

/// The same with a depth of one.
std::filesystem::path thin_model(const std::filesystem::path& folder) {
  return test::made_model(folder, {{"w1", {6, 2, 1, 3, 3}}, {"w2", {6, 6, 1, 3, 3}}, {"h", {3, 96}}}, R"(
    a = torch.relu(torch.conv3d(x, self.w1, None, [1, 2, 2], [0, 1, 1]))
    b = torch.relu(torch.conv3d(a, self.w2, None, [1, 2, 2], [0, 1, 1]))
    return torch.matmul(torch.flatten(b, 1), self.h.t()))");
}

/// A volume that is one: kernels of depth 3, cells of two slices.
std::filesystem::path deep_model(const std::filesystem::path& folder) {
  return test::made_model(folder, {{"w1", {4, 1, 3, 3, 3}}, {"w2", {5, 4, 3, 3, 3}}, {"h", {2, 240}}}, R"(
    a = torch.relu(torch.conv3d(x, self.w1, None, [1, 2, 2], [1, 1, 1]))
    b = torch.relu(torch.conv3d(a, self.w2, None, [2, 2, 2], [1, 1, 1]))
    return torch.matmul(torch.flatten(b, 1), self.h.t()))");
}

/// Cells of four slices, each their sum: whichever slice a map shows, its evidence may lie in the other three.
std::filesystem::path borrowing_model(const std::filesystem::path& folder) {
  return test::made_model(folder, {}, R"(
    a = torch.relu(torch.avg_pool3d(x, [4, 1, 1]) * 4.0)
    return torch.mean(a, [2, 3, 4]))");
}

std::unique_ptr<SplitModel> split(const std::filesystem::path& file, const Shape& shape, const std::string& layer,
                                  const std::string& method, bool use_double = false) {
  SplitOptions options;
  options.layer = layer;
  options.input_shape = shape;
  options.use_double = use_double;
  return load_split_model(file, split_for(method, options));
}

/// The value behind the last ReLU.
std::string last_relu(const std::filesystem::path& file, const Shape& shape) {
  std::string name;
  for (const LayerRow& row : list_values(file, shape)) {
    if (row.kind.starts_with("relu")) name = row.name;
  }
  return name;
}

double relative(const std::vector<float>& got, const std::vector<float>& wanted) {
  REQUIRE(got.size() == wanted.size());
  double worst = 0, most = 1e-12;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) - static_cast<double>(wanted[i])));
    most = std::max(most, std::abs(static_cast<double>(wanted[i])));
  }
  return worst / most;
}

}  // namespace

TEST_CASE("A volume of one slice has the maps of the picture, by every method", "[explain][volume]") {
  const TemporaryFolder two, three;
  const auto flat = flat_model(two.path()), thin = thin_model(three.path());
  const Shape shape{1, 2, 16, 16}, deep{1, 2, 1, 16, 16};
  const at::Tensor x = pseudo_random(shape, 3);
  int n = 0;
  for (const Method& method : methods()) {
    // Draws its masks axis by axis; smooths across the depth too; plays with quadrants of planes.
    if (method.name == "rise" || method.name == "edge_map" || method.name == "h_shap") continue;
    INFO(method.name);
    const bool is_input = method.level != Level::kLayer;
    MapRequest request{.method = method.name, .targets = {{.class_index = 0}, {.class_index = 2}}};
    const auto a = split(flat, shape, is_input ? "" : last_relu(flat, shape), method.name);
    const auto b = split(thin, deep, is_input ? "" : last_relu(thin, deep), method.name);
    const FloatArray flat_maps = compute_maps(*a, *a->run(x), request);
    const FloatArray deep_maps = compute_maps(*b, *b->run(x.unsqueeze(2)), request);
    CHECK(relative(deep_maps.values, flat_maps.values) < 1e-4);
    CHECK(*std::max_element(flat_maps.values.begin(), flat_maps.values.end()) != 0);
    ++n;
  }
  CHECK(n == static_cast<int>(methods().size()) - 3);
}

TEST_CASE("Grad-CAM, HiResCAM and layer occlusion of a volume equal finite differences", "[explain][volume]") {
  const TemporaryFolder folder;
  const auto file = deep_model(folder.path());
  const Shape shape{1, 1, 6, 16, 16};
  const std::string layer = last_relu(file, shape);
  const auto model = split(file, shape, layer, "grad_cam", true);
  const auto run = model->run(pseudo_random(shape, 8));
  const at::Tensor a = model->activation(*run).to(at::kDouble);  // [1,5,3,4,4]
  REQUIRE(a.sizes() == at::IntArrayRef({1, 5, 3, 4, 4}));
  // dy/dA by central differences, one element after another: only the suffix runs, no autograd.
  constexpr double kStep = 1e-4;
  at::Tensor gradient = at::zeros_like(a);
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    at::Tensor up = a.clone(), down = a.clone();
    up.view({-1})[i] += kStep;
    down.view({-1})[i] -= kStep;
    const at::Tensor difference = model->suffix(*run, up) - model->suffix(*run, down);
    gradient.view({-1})[i] = difference[0][1] / (2 * kStep);
  }
  const MapRequest request{.method = "grad_cam", .targets = {{.class_index = 1}}};
  const at::Tensor weights = gradient.mean({2, 3, 4}, true);
  CHECK(relative(compute_maps(*model, *run, request).values, to_array((weights * a).sum(1)).values) < 1e-5);
  MapRequest hires = request;
  hires.method = "hires_cam";
  CHECK(relative(compute_maps(*model, *run, hires).values, to_array((gradient * a).sum(1)).values) < 1e-5);
  MapRequest occlusion = request;
  occlusion.method = "layer_occlusion";
  at::Tensor drops = at::zeros({3, 4, 4}, at::kDouble);
  for (std::int64_t i = 0; i < drops.numel(); ++i) {
    at::Tensor without = a.clone();
    without.view({5, -1}).select(1, i).zero_();
    drops.view({-1})[i] = (model->suffix(*run, a) - model->suffix(*run, without))[0][1];
  }
  CHECK(relative(compute_maps(*model, *run, occlusion).values, to_array(drops).values) < 1e-5);
}

TEST_CASE("Up-sampling along the depth keeps half-pixel centres", "[explain][volume][display]") {
  // Two slices become four: the outer ones stay, the inner ones are a quarter of the way.
  const FloatArray up = apply_display({{1, 2, 1, 1}, {0, 4}}, 3, {"up"}, {4, 1, 1});
  CHECK(up.values == std::vector<float>{0, 1, 3, 4});
}

TEST_CASE("Display steps say what they do to comparisons", "[explain][display]") {
  const FloatArray maps{{2, 1, 2}, {2, -1, -3, -4}};
  CHECK(largest_values(maps, 2).values == std::vector<float>{2, -3});
  CHECK(apply_display(maps, 2, {"relu", "scale:4"}, {}).values == std::vector<float>{0.5F, 0, 0, 0});
  CHECK(apply_display(maps, 2, {"relu", "max"}, {}).values == std::vector<float>{1, 0, 0, 0});
  CHECK(display_scale({"relu", "scale:4"}) == "fixed");
  CHECK(display_scale({"relu", "max", "up"}) == "each map's own maximum");
  CHECK(display_scale({"relu"}) == "none");
  for (const char* wrong : {"scale:0", "scale:x", "scale:-1", "stretch"}) {
    CHECK_THROWS_AS(apply_display(maps, 2, {wrong}, {}), Error);
  }
}

TEST_CASE("The energy of slices adds up to one and follows the half-pixel rule", "[volume]") {
  // Cells of 3 and 1 (the negative value does not count) over four slices: 3, 2.5, 1.5, 1 of 8.
  const std::vector<float> map{1, 2, 1, -5};
  CHECK(slice_energy(map, 2, 4) == std::vector<double>{3 / 8.0, 2.5 / 8, 1.5 / 8, 1 / 8.0});
  CHECK(strongest_slice(slice_energy(map, 2, 4)) == 0);
  CHECK(slice_energy(std::vector<float>{-1, -2}, 2, 3) == std::vector<double>{0, 0, 0});
  CHECK(strongest_slice({0, 0, 0}) == -1);
}

TEST_CASE("The slab of a cell is its field, cut to the volume, and at least its own slices", "[explain][volume]") {
  ReceptiveField field{{{.size = 7, .stride = 2, .first = -3}, {}, {}}, ""};
  CHECK(slab_of_cell(field, 3, 6, 12).first == 3);  // -3 + 2 · 3
  CHECK(slab_of_cell(field, 3, 6, 12).last == 9);
  CHECK(slab_of_cell(field, 0, 6, 12).first == 0);
  CHECK(slab_of_cell(field, 5, 6, 12).last == 11);
  field.axes[0].effective = 3;
  CHECK(slab_of_cell(field, 3, 6, 12).first == 5);
  CHECK(slab_of_cell(field, 3, 6, 12).last == 7);
  CHECK(slab_of_cell({{}, "unknown"}, 1, 3, 12).first == 4);
  CHECK(slab_of_cell({{}, "unknown"}, 1, 3, 12).last == 7);
}

TEST_CASE("Slices of a resized series are named by the series' own numbers", "[explain][volume]") {
  CHECK(slab_in_series({2, 3}, 8, 8).first == 2);
  CHECK(slab_in_series({2, 3}, 8, 8).last == 3);
  CHECK(slab_in_series({7, 7}, 8, 20).first == 17);  // 17.5 … 20
  CHECK(slab_in_series({7, 7}, 8, 20).last == 19);
  CHECK(slab_in_series({5, 5}, 8, 3).first == 1);  // 1.875 … 2.25: of two slices
  CHECK(slab_in_series({5, 5}, 8, 3).last == 2);
  SliceEvidence e;
  e.energy = {0, 0, 0.1, 0.3, 0.1, 0.5, 0, 0};
  e.shown = 5;
  e.slab_first = 4;
  e.slab_last = 6;
  e.drop_slice = 0.1;
  e.drop_slab = 2;
  e.verdict = SliceEvidence::Verdict::kBorrowed;
  const auto same = slice_evidence_json(e, "logit", 8), twice = slice_evidence_json(e, "logit", 16),
             half = slice_evidence_json(e, "logit", 4), given = slice_evidence_json(e, "logit", 0);
  CHECK(same["words"] == "slice 6 shows most of it (50 %); covering it alone lowers the logit by 0.1, covering slices "
                         "5-7 lowers it by 2: borrowed evidence, the slice does not carry it itself");
  CHECK(given["words"] == same["words"]);
  CHECK_FALSE(given.contains("series_slices"));
  CHECK_FALSE(given.contains("shown_in_series"));
  CHECK(twice["words"] == "slices 11-12 of the series (the network's slice 6 of 8) show most of it (50 %); covering that "
                          "slice alone lowers the logit by 0.1, covering slices 9-14 of the series lowers it by 2: "
                          "borrowed evidence, the slice does not carry it itself");
  CHECK(half["words"].get<std::string>().rfind("slice 3 of the series (the network's slice 6 of 8) shows", 0) == 0);
  CHECK(twice["shown"] == 5);  // of the network's input, as before
  CHECK(twice["series_slices"] == 16);
  CHECK(twice["shown_in_series"] == nlohmann::json({10, 11}));
  CHECK(twice["slab_in_series"] == nlohmann::json({8, 13}));
}

TEST_CASE("A slice that shows its neighbours' evidence is found out", "[explain][volume]") {
  const TemporaryFolder folder;
  const auto file = borrowing_model(folder.path());
  const Shape shape{1, 1, 8, 4, 4};
  const std::string layer = last_relu(file, shape);
  const auto model = split(file, shape, layer, "grad_cam");
  SplitOptions options;
  options.layer = layer;
  options.input_shape = shape;
  const ReceptiveField field = receptive_field(file, options);
  REQUIRE(field.axes[0].size == 4);
  at::Tensor x = at::zeros(shape);
  const std::vector<Target> targets{{.class_index = 0}};
  const auto look = [&] {
    const FloatArray maps = compute_maps(*model, *model->run(x), {.method = "grad_cam", .targets = targets});
    return slice_evidence(*model, x, maps, targets, field).at(0).at(0);
  };
  SECTION("borrowed") {
    x.select(2, 7).fill_(1);  // the cell of slices 4 … 7 lights up, and slice 6 or so shows it
    const SliceEvidence e = look();
    CHECK(e.slab_first == 4);
    CHECK(e.slab_last == 7);
    REQUIRE(e.shown != 7);
    CHECK(e.drop_slice == Approx(-0.25));  // between 0 and 1 lies a half: the cell's sum grows
    CHECK(e.drop_slab == Approx(0.5));     // one of two cells was 1 everywhere
    CHECK(e.verdict == SliceEvidence::Verdict::kBorrowed);
    CHECK(slice_evidence_json(e, "logit", 0)["verdict"] == "borrowed");
  }
  SECTION("its own") {
    x.select(2, 6).fill_(1);
    const SliceEvidence e = look();
    CHECK(e.shown == 6);
    CHECK(e.share() == Approx(1));
    CHECK(e.verdict == SliceEvidence::Verdict::kOwn);
  }
  SECTION("no evidence") {
    const SliceEvidence e = look();
    CHECK(e.shown == -1);
    CHECK(e.code == "no_positive_evidence");
    CHECK(slice_evidence_json(e, "logit", 0)["verdict"]["status"] == "not_estimable");
  }
}

TEST_CASE("A score that is not finite without a slice leaves the verdict open, and no NaN in the JSON", "[explain][volume][bad-input]") {
  // The logarithm of how far the slices differ: covered, the one that differs is as its neighbours.
  const TemporaryFolder folder;
  const auto file = test::made_model(folder.path(), {}, R"(
    a = torch.relu(torch.avg_pool3d(x, [4, 1, 1]) * 4.0)
    level = torch.mean(x, [1, 3, 4])
    spread = torch.log(torch.amax(level, 1, True) - torch.amin(level, 1, True))
    return torch.mean(a, [2, 3, 4]) + spread)");
  const Shape shape{1, 1, 8, 4, 4};
  const auto model = split(file, shape, last_relu(file, shape), "grad_cam");
  at::Tensor x = at::zeros(shape);
  x.select(2, 6).fill_(1);
  const std::vector<Target> targets{{.class_index = 0}};
  const FloatArray maps = compute_maps(*model, *model->run(x), {.method = "grad_cam", .targets = targets});
  const SliceEvidence e = slice_evidence(*model, x, maps, targets, {{}, "not asked"}).at(0).at(0);
  REQUIRE(e.shown >= 4);
  CHECK(e.code == "not_finite");
  const auto json = slice_evidence_json(e, "logit", 0);
  CHECK(json["verdict"]["code"] == "not_finite");
  CHECK_FALSE(json.contains("share"));
  CHECK(json.dump().find("null") == std::string::npos);
}
