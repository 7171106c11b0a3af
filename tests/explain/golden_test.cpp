// Reference vectors of golden/explanation: float64 maps from the papers' formulas on the eager
// models.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/arrays/npy.h"
#include "explain/methods/maps.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

namespace {

const std::set<std::string> kMethods = {"output",   "target_value", "activation",
                                        "gradient", "grad_cam",     "grad_cam_up", "hires_cam"};

std::string output_name(const json& output) {
  if (output.is_null()) return {};
  return output.is_number() ? std::to_string(output.get<int>()) : output.get<std::string>();
}

Target target_of(const json& row) {
  Target target;
  const json& given = row["target"];
  const std::map<std::string, Target::Kind> kinds = {{"logit", Target::Kind::kLogit},
                                                     {"neg_logit", Target::Kind::kNegLogit},
                                                     {"sigmoid", Target::Kind::kSigmoid},
                                                     {"softmax", Target::Kind::kSoftmax},
                                                     {"logit_diff", Target::Kind::kLogitDiff}};
  target.kind = kinds.at(given["kind"].get<std::string>());
  target.class_index = given["class"].get<std::int64_t>();
  if (given.contains("other")) target.other = given["other"].get<std::int64_t>();
  return target;
}

std::string output_of(const json& row) {
  return output_name(row["target"].is_null() ? row.value("output", json())
                                             : row["target"]["output"]);
}

/// max|got - wanted| / max|wanted|, absolute if the reference is all zero.
double difference(const std::vector<float>& got, const float* wanted) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) - wanted[i]));
    largest = std::max(largest, std::abs(static_cast<double>(wanted[i])));
  }
  if (largest == 0) return worst <= 1e-9 ? 0 : HUGE_VAL;
  return worst / largest;
}

}  // namespace

TEST_CASE("Outputs, activations, gradients and CAMs equal the reference vectors",
          "[explain][golden]") {
  const auto folder = test::shared("golden/explanation", 2 * 210);
  if (!folder) return;
  const std::string form = GENERATE("traced", "scripted");
  const std::string name =
      GENERATE("m01_gapnet", "m02_resnet", "m03_densenet", "m04_vgg", "m05_inception", "m06_shared",
               "m07a_tuple", "m07b_dict", "m08_gray", "m09_ct3d", "m10_vit", "m11_wrapped");
  const json index = json::parse(std::ifstream(*folder / "index.json"));
  const FloatArray vectors = read_npy_float(*folder / "vectors" / (name + ".npy"));
  const FloatArray input = read_npy_float(*folder / "inputs" / (name + ".npy"));

  // One split for each layer, call and output; `output` rows need none in particular.
  std::map<std::string, std::unique_ptr<SplitModel>> splits;
  std::string any_layer;
  for (const json& row : index["rows"]) {
    if (row["model"] == name && row["layer"].is_string())
      any_layer = row["layer"].get<std::string>();
  }
  int n_rows = 0;
  for (const json& row : index["rows"]) {
    if (row["model"] != name || kMethods.count(row["method"].get<std::string>()) == 0) continue;
    SplitOptions options;
    options.layer = row["layer"].is_string() ? row["layer"].get<std::string>() : any_layer;
    options.call = row["call"].is_number() ? row["call"].get<int>() : 0;
    options.output = output_of(row);
    options.any_output = row["method"] == "activation";
    options.input_shape = input.shape;
    MapRequest request{row["method"].get<std::string>(), {}, std::nullopt};
    if (!row["target"].is_null()) request.targets.push_back(target_of(row));
    if (row.contains("reshape") && !row["reshape"].is_null()) {
      request.grid =
          TokenGrid{row["reshape"]["prefix"], row["reshape"]["grid"][0], row["reshape"]["grid"][1]};
    }
    INFO(name << " " << form << " " << row.dump());
    auto& split = splits[fmt::format("{}|{}|{}", options.layer, *options.call, options.output)];
    if (!split) split = load_split_model(*folder / "models" / (name + "." + form + ".pt"), options);
    const FloatArray got = compute_maps(*split, input, request);
    REQUIRE(got.shape == row["shape"].get<Shape>());
    CHECK(difference(got.values, vectors.values.data() + row["offset"].get<std::size_t>()) <=
          row["tol"].get<double>());
    ++n_rows;
  }
  CHECK(n_rows > 0);
}
