// Receptive fields: the walk over the graph against the network itself, which is asked what it sees.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/image/receptive_field.h"
#include "explain/model/pseudo_random.h"
#include "explain/model/receptive_field.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/explain/made_model.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

struct Box {
  std::vector<std::int64_t> low, high;  ///< inclusive, cut to the input
};

/// The pixels that the walk says cell `cell` sees.
Box box_of(const ReceptiveField& field, const std::vector<std::int64_t>& cell, const at::Tensor& x) {
  Box box;
  for (std::size_t a = 0; a < field.axes.size(); ++a) {
    const AxisField& axis = field.axes[a];
    const double first = axis.is_whole ? 0 : axis.first + static_cast<double>(cell[a]) * axis.stride;
    const std::int64_t last = x.size(static_cast<std::int64_t>(a) + 2) - 1;
    box.low.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(first)), 0, last));
    box.high.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(first + axis.size - 1)), 0, last));
  }
  return box;
}

/// x with `noise` wherever `is_inside` the box, or outside it.
at::Tensor changed(const at::Tensor& x, const at::Tensor& noise, const Box& box, bool is_inside) {
  at::Tensor mask = at::zeros_like(x, at::kBool);
  at::Tensor view = mask;
  for (std::size_t a = 0; a < box.low.size(); ++a) {
    view = view.narrow(static_cast<std::int64_t>(a) + 2, box.low[a], box.high[a] - box.low[a] + 1);
  }
  view.fill_(true);
  return at::where(is_inside ? mask : mask.logical_not(), noise, x);
}

at::Tensor cell_of(const SplitModel& model, const at::Tensor& x, const std::vector<std::int64_t>& cell) {
  at::Tensor a = model.activation(*model.run(x));
  for (std::size_t d = cell.size(); d-- > 0;) a = a.select(static_cast<std::int64_t>(d) + 2, cell[d]);
  return a.clone();
}

/// How often, over a few inputs, the first or last layer of pixels of the box changes the cell.
int times_seen(const SplitModel& model, const at::Tensor& x, const Box& box, std::size_t axis, bool is_low,
               const std::vector<std::int64_t>& cell) {
  Box edge = box;
  (is_low ? edge.high : edge.low)[axis] = (is_low ? edge.low : edge.high)[axis];
  int n = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const at::Tensor base = pseudo_random(x.sizes().vec(), 300 + seed),
                     noise = 9 * pseudo_random(x.sizes().vec(), seed);
    n += at::equal(cell_of(model, base, cell), cell_of(model, changed(base, noise, edge, true), cell)) ? 0 : 1;
  }
  return n;
}

/// Nothing outside the box changes the cell, and on every side of it (where it is not cut by the input's border) the
/// outermost pixels do.
void check_field(const SplitModel& model, const ReceptiveField& field, const at::Tensor& x) {
  REQUIRE(static_cast<std::int64_t>(field.axes.size()) == x.dim() - 2);
  const at::Tensor a = model.activation(*model.run(x));
  std::vector<std::int64_t> cell;
  for (std::int64_t d = 2; d < a.dim(); ++d) cell.push_back(a.size(d) / 2);
  const Box box = box_of(field, cell, x);
  const at::Tensor noise = 9 * pseudo_random(x.sizes().vec(), 77);
  CHECK(at::equal(cell_of(model, x, cell), cell_of(model, changed(x, noise, box, false), cell)));
  for (std::size_t axis = 0; axis < field.axes.size(); ++axis) {
    INFO("axis " << axis << " from " << box.low[axis] << " to " << box.high[axis]);
    CHECK(times_seen(model, x, box, axis, true, cell) > 0);
    CHECK(times_seen(model, x, box, axis, false, cell) > 0);
  }
}

/// The network, cut, and what it is said to see there.
struct There {
  std::unique_ptr<SplitModel> model;
  ReceptiveField field;
};

There cut_at(const std::filesystem::path& file, const Shape& shape, const std::string& layer,
             std::optional<int> call = {}) {
  SplitOptions options;
  options.layer = layer;
  options.call = call;
  options.input_shape = shape;
  options.use_double = true;  // the far ends of a deep field count for less than a float's last bit
  return {load_split_model(file, options), receptive_field(file, options)};
}

/// Of the first value of this kind, as layer_fields gives it.
ReceptiveField field_of(const std::filesystem::path& file, const Shape& shape, const std::string& kind) {
  for (const LayerRow& row : list_values(file, shape)) {
    if (row.kind.starts_with(kind)) return layer_fields(file, shape, {}, Listed::kValues).at(row.name);
  }
  FAIL("the model has no " + kind);
  return {};
}

}  // namespace

TEST_CASE("A convolution, a pool and a dilated convolution see what a hand calculation says", "[explain][field]") {
  const TemporaryFolder folder;
  // 5 wide, 2 apart, 2 padded: 5 from -2. Pool 3, 2 apart: 5 + 2 · 2 = 9. Dilation 2: 9 + 4 · (3 - 1) · 2 = 25, from -2
  // - 4 · 2 = -10.
  const auto file = test::made_model(folder.path(), {{"w1", {4, 1, 5, 5}}, {"w2", {3, 4, 3, 3}}, {"w3", {2, 3}}}, R"(
    a = torch.relu(torch.conv2d(x, self.w1, None, [2, 2], [2, 2]))
    b = torch.max_pool2d(a, [3, 3], [2, 2])
    c = torch.conv2d(b, self.w2, None, [1, 1], [2, 2], [2, 2])
    return torch.matmul(torch.mean(c, [2, 3]), self.w3.t()))");
  const Shape shape{1, 1, 80, 72};
  CHECK(field_of(file, shape, "max_pool2d").axes.at(0) == AxisField{.size = 9, .stride = 4, .first = -2});
  CHECK(layer_fields(file, shape, {}, Listed::kValues).at("@3").axes.at(1) ==
        AxisField{.size = 25, .stride = 4, .first = -10});
  CHECK(field_of(file, shape, "matmul").axes.at(0).is_whole);
  const auto [model, measured] = cut_at(file, shape, "@3");
  check_field(*model, measured, pseudo_random(shape, 5));
  CHECK(measured.axes[0].effective > 0);
  CHECK(measured.axes[0].effective <= 25);
  CHECK(receptive_field_of(receptive_field_json(measured)) == measured);
}

TEST_CASE("Branches, up-sampling, transposed convolutions and padding are followed in three dimensions",
          "[explain][field]") {
  const TemporaryFolder folder;
  const auto file =
      test::made_model(folder.path(), {{"w1", {3, 1, 3, 5, 3}}, {"w2", {3, 3, 2, 2, 2}}, {"w3", {2, 6}}}, R"(
    a = torch.conv3d(torch.constant_pad_nd(x, [2, 0, 1, 1, 0, 0], 0.0), self.w1, None, [1, 2, 2])
    up = torch.conv_transpose3d(torch.avg_pool3d(a, [2, 2, 2]), self.w2, None, [2, 2, 2])
    n = up.size(2)
    b = torch.cat([torch.relu(up), torch.slice(torch.slice(torch.slice(a, 2, 0, n), 3, 0, up.size(3)), 4, 0, up.size(4))], 1)
    return torch.matmul(torch.mean(b, [2, 3, 4]), self.w3.t()))");
  const Shape shape{1, 1, 12, 30, 32};
  SECTION("what is known") {
    const ReceptiveField conv = field_of(file, shape, "conv3d");
    CHECK(conv.axes.at(1) == AxisField{.size = 5, .stride = 2, .first = -1});
    CHECK(conv.axes.at(2) == AxisField{.size = 3, .stride = 2, .first = -2});
    const There there = cut_at(file, shape, "@0");
    check_field(*there.model, there.field, pseudo_random(shape, 6));
  }
  SECTION("what is not is said") {
    const ReceptiveField cat = field_of(file, shape, "cat");
    CHECK(cat.axes.empty());
    CHECK(cat.reason.find("slice") != std::string::npos);
  }
}

TEST_CASE("The field of every convolutional golden layer is what the network sees", "[explain][field][golden]") {
  const auto folder = test::shared("golden/explanation", 11);
  if (!folder) return;
  const auto index = nlohmann::json::parse(std::ifstream(*folder / "index.json"));
  int n_layers = 0;
  for (const auto& model : index["models"]) {
    const std::string name = model["name"];
    if (name.starts_with("m07") || name.starts_with("m10")) continue;  // several outputs; tokens
    const FloatArray batch = read_npy_float(*folder / "inputs" / (name + ".npy"));
    Shape shape = batch.shape;
    shape[0] = 1;
    std::set<std::pair<std::string, int>> layers;
    for (const auto& row : index["rows"]) {
      if (row["model"] == name && row["method"] == "grad_cam" && row["layer"].is_string()) {
        layers.emplace(row["layer"].get<std::string>(), row["call"].is_number() ? row["call"].get<int>() : 0);
      }
    }
    for (const auto& [layer, call] : layers) {
      INFO(name << " " << layer << " #" << call);
      const There there = cut_at(*folder / "models" / (name + ".scripted.pt"), shape, layer, call);
      check_field(*there.model, there.field, to_tensor(batch).narrow(0, 0, 1));
      ++n_layers;
    }
  }
  CHECK(n_layers >= 15);
}

TEST_CASE("The words of a field give pixels and millimetres", "[explain][field]") {
  ReceptiveField field{{{.size = 43, .stride = 8, .first = -18}, {.size = 43, .stride = 8, .first = -18}}, ""};
  CHECK(receptive_field_words(field) == "43 x 43 pixels, 8 x 8 apart");
  field.axes[0].effective = 17;
  field.axes[1].effective = 19;
  CHECK(receptive_field_words(field, {2, 1}) ==
        "43 x 43 pixels, 86 x 43 mm, 8 x 8 apart; 95 % of the gradient within 17 x 19 (34 x 19 mm)");
  field.axes[0].is_whole = field.axes[1].is_whole = true;
  CHECK(receptive_field_words(field).starts_with("the whole input"));
  CHECK(receptive_field_words({{}, "the way to it passes `x`"}) == "not known: the way to it passes `x`");
  // An unpadded 3-wide convolution, 2 apart, on 9 pixels: cell 0 sees 0 … 2, centre 1; 4 cells are drawn 2.25 wide.
  CHECK(centre_shift({.size = 3, .stride = 2, .first = 0}, 4, 9, 0) == Approx(1 - 0.625));
}
