// Every value of golden/explanation/metrics.json: float64 on the eager models, definitions in its README.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "explain/methods/display.h"
#include "explain/model/split_model.h"
#include "explain/model/targets.h"
#include "explain/model/tensor_array.h"
#include "explain/quality/deletion.h"
#include "explain/quality/localisation.h"
#include "explain/quality/similarity.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

namespace {

constexpr double kMapTolerance = 1e-6;  // float64 given the stored map
// Rounding the stored map to float32 made two of 1,024 pixels equal: their shared rank moves one rho by 3e-6.
constexpr double kRankTolerance = 1e-5;
constexpr double kModelTolerance = 1e-3;  // a float32 engine: a pixel-rank tie may flip

struct Golden {
  std::filesystem::path folder;
  FloatArray vectors;

  FloatArray array(const json& where) const {
    FloatArray one{where["shape"].get<Shape>(), {}};
    const auto first = vectors.values.begin() + where["offset"].get<std::ptrdiff_t>();
    one.values.assign(first, first + static_cast<std::ptrdiff_t>(element_count(one.shape)));
    return one;
  }
  Plane plane(const json& where) const {
    FloatArray one = array(where);
    return {static_cast<int>(one.shape[0]), static_cast<int>(one.shape[1]), std::move(one.values)};
  }
};

FloatArray one_of(const FloatArray& batch, std::size_t index) {
  FloatArray one{{batch.shape.begin() + 1, batch.shape.end()}, {}};
  const auto size = static_cast<std::ptrdiff_t>(element_count(one.shape));
  const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(index) * size;
  one.values.assign(first, first + size);
  return one;
}

FloatArray as_batch(FloatArray one) {
  one.shape.insert(one.shape.begin(), 1);
  return one;
}

/// ReLU'd, up-sampled map of one image, of the method's formula.
std::vector<float> map_of(const SplitModel& model, const FloatArray& image, const Target& target,
                          const std::string& method) {
  const auto run = model.run(to_tensor(as_batch(image)));
  const at::Tensor a = model.activation(*run), g = model.gradients(*run, {target}).front();
  const at::Tensor map = method == "grad_cam" ? (g.mean({2, 3}, true) * a).sum(1) : (g.clamp_min(0) * a).sum(1);
  return apply_display(to_array(map), 2, {"relu", "up"}, {image.shape[1], image.shape[2]}).values;
}

int n_values = 0;

void check(double got, const json& wanted, double tolerance, const char* name) {
  INFO(name << ": " << got << ", wanted " << wanted.dump());
  CHECK(std::abs(got - wanted.get<double>()) <= tolerance);
  ++n_values;
}

void check(const std::vector<double>& got, const json& wanted, double tolerance, const char* name) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) check(got[i], wanted[i], tolerance, name);
}

void check(const Measure& got, const json& wanted, double tolerance, const char* name) {
  REQUIRE(got);
  check(got.value, wanted, tolerance, name);
}

void check_localisation(const json& row, const json& one, const Plane& map, const FloatArray& stored_mask) {
  std::vector<std::uint8_t> mask;
  for (const float value : stored_mask.values) mask.push_back(value > 0 ? 1 : 0);
  const PixelBox box = bounding_box(mask, map.cols);
  CHECK(json({box.row0, box.col0, box.row1, box.col1}) == row["box_r0c0r1c1"]);
  const auto peak = find_peak(map);
  REQUIRE(peak);
  CHECK(json({peak->row, peak->col}) == one["argmax_rc"]);
  CHECK((pointing_hit(map, {box}, 0) == 1) == one["pointing_hit"].get<bool>());
  CHECK((pointing_hit(map, {box}, 3) == 1) == one["pointing_hit_tol3"].get<bool>());
  n_values += 8;
  check(energy_in_mask(map.values, mask), one["energy_in_mask"], kMapTolerance, "energy_in_mask");
  check(iou_at_share(map.values, mask, 0.5), one["iou_thr50"], kMapTolerance, "iou_thr50");
  check(iou_at_share(map.values, mask, 0.25), one["iou_thr25"], kMapTolerance, "iou_thr25");
  check(iou_top_area(map.values, mask), one["iou_top_area"], kMapTolerance, "iou_top_area");
  check(pixel_auc(map.values, mask), one["pixel_auc"], kMapTolerance, "pixel_auc");
}

}  // namespace

TEST_CASE("Faithfulness and localisation equal the reference values", "[quality][golden]") {
  const auto folder = test::shared("golden/explanation", 8);
  if (!folder) return;
  const json metrics = json::parse(std::ifstream(*folder / "metrics.json"));
  n_values = 0;
  int n_maps = 0;
  for (const json& set : metrics) {
    const std::string name = set["model"];
    const Golden golden{*folder, read_npy_float(*folder / "vectors" / (name + ".npy"))};
    const FloatArray inputs = read_npy_float(*folder / set["input"].get<std::string>());
    const FloatArray noise = golden.array(set["perturbations"]);
    const FloatArray all_blurred = golden.array(set["blurred_input"]);
    for (const json& row : set["rows"]) {
      const auto sample = row["sample"].get<std::size_t>();
      const FloatArray image = one_of(inputs, sample), blur = one_of(all_blurred, sample);
      const FloatArray our_blur = blurred(image, 4);
      for (std::size_t i = 0; i < blur.values.size(); ++i) {
        REQUIRE(std::abs(our_blur.values[i] - blur.values[i]) <= 1e-5);
      }
      SplitOptions options;
      options.layer = row["layer"];
      options.input_shape = inputs.shape;
      const auto model = load_split_model(*folder / "models" / (name + ".traced.pt"), options);
      Target score_target{Target::Kind::kSigmoid, row["label"].get<std::int64_t>()};
      if (row["score_target"]["kind"] == "softmax") score_target.kind = Target::Kind::kSoftmax;
      const Target map_target{Target::Kind::kLogit, row["label"].get<std::int64_t>()};
      const Score score = [&](const FloatArray& batch) {
        const FloatArray values = to_array(target_values(model->logits(*model->run(to_tensor(batch))), score_target));
        return std::vector<double>(values.values.begin(), values.values.end());
      };
      for (const json& one : row["maps"]) {
        INFO(name << " sample " << sample << " " << one["method"]);
        const Plane map = golden.plane(one["map"]);
        check_localisation(row, one, map, golden.array(row["mask"]));

        const FloatArray zeros{image.shape, std::vector<float>(image.values.size(), 0)};
        const DeletionCurves zero = deletion_insertion(score, image, zeros, map.values, one["steps"]);
        check(zero.deletion, one["deletion_curve"], kModelTolerance, "deletion_curve");
        check(zero.insertion, one["insertion_curve"], kModelTolerance, "insertion_curve");
        check(zero.deletion_auc, one["deletion_auc"], kModelTolerance, "deletion_auc");
        check(zero.insertion_auc, one["insertion_auc"], kModelTolerance, "insertion_auc");
        const DeletionCurves soft = deletion_insertion(score, image, our_blur, map.values, one["steps"]);
        check(soft.deletion_auc, one["deletion_auc_blur"], kModelTolerance, "deletion_auc_blur");
        check(soft.insertion_auc, one["insertion_auc_blur"], kModelTolerance, "insertion_auc_blur");

        std::vector<double> changes;
        for (std::size_t p = 0; p < static_cast<std::size_t>(noise.shape[0]); ++p) {
          FloatArray moved = one_of(noise, p);
          for (std::size_t i = 0; i < moved.values.size(); ++i) moved.values[i] += image.values[i];
          const Measure change = relative_change(map.values, map_of(*model, moved, map_target, one["method"]));
          REQUIRE(change);
          changes.push_back(change.value);
        }
        check(changes, one["sensitivity_all"], kModelTolerance, "sensitivity_all");
        check(*std::ranges::max_element(changes), one["max_sensitivity"], kModelTolerance, "max_sensitivity");

        for (const json& stage : one["randomisation"]) {
          const Plane other = golden.plane(stage["map"]);
          check(spearman(map.values, other.values), stage["spearman"], kRankTolerance, "spearman");
          check(pearson(map.values, other.values), stage["pearson"], kMapTolerance, "pearson");
          check(ssim(map, other), stage["ssim"], kMapTolerance, "ssim");
        }
        ++n_maps;
      }
    }
  }
  CHECK(n_maps == 8);
  fmt::print(stderr, "metrics.json: {} values of {} maps compared\n", n_values, n_maps);
}
