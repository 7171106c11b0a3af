#include "tests/explain/golden.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace rationale::test {
namespace {

using explain::Target;
using nlohmann::json;

std::string output_name(const json& output) {
  if (output.is_null()) return {};
  return output.is_number() ? std::to_string(output.get<int>()) : output.get<std::string>();
}

Target target_of(const json& given) {
  static const std::map<std::string, Target::Kind> kinds = {{"logit", Target::Kind::kLogit},
                                                            {"neg_logit", Target::Kind::kNegLogit},
                                                            {"sigmoid", Target::Kind::kSigmoid},
                                                            {"softmax", Target::Kind::kSoftmax},
                                                            {"logit_diff", Target::Kind::kLogitDiff}};
  Target target;
  target.kind = kinds.at(given["kind"].get<std::string>());
  target.class_index = given["class"].get<std::int64_t>();
  if (given.contains("other")) target.other = given["other"].get<std::int64_t>();
  return target;
}

}  // namespace

explain::MapRequest request_of(const json& row) {
  explain::MapRequest request;
  request.method = row["method"].get<std::string>();
  if (!row["target"].is_null()) request.targets.push_back(target_of(row["target"]));
  if (row.contains("reshape") && !row["reshape"].is_null()) {
    request.grid = explain::TokenGrid{row["reshape"]["prefix"], row["reshape"]["grid"][0],
                                      row["reshape"]["grid"][1]};
  }
  return request;
}

explain::SplitOptions split_of(const json& row, const Shape& input_shape) {
  explain::SplitOptions options;
  if (row["layer"].is_string()) options.layer = row["layer"].get<std::string>();
  if (row["call"].is_number()) options.call = row["call"].get<int>();
  options.output = output_name(row["target"].is_null() ? row.value("output", json()) : row["target"]["output"]);
  options.input_shape = input_shape;
  return explain::split_for(row["method"], options);
}

FloatArray input_of(const json& row, const FloatArray& batch) {
  if (!row.contains("sample")) return batch;
  const auto size = static_cast<std::ptrdiff_t>(element_count(batch.shape) / batch.shape[0]);
  const auto first = batch.values.begin() + row["sample"].get<std::ptrdiff_t>() * size;
  FloatArray one{batch.shape, {first, first + size}};
  one.shape[0] = 1;
  return one;
}

double golden_difference(const std::vector<float>& got, const float* wanted) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) - static_cast<double>(wanted[i])));
    largest = std::max(largest, std::abs(static_cast<double>(wanted[i])));
  }
  if (largest == 0) return worst <= 1e-9 ? 0 : HUGE_VAL;
  return worst / largest;
}

}  // namespace rationale::test
