// Walks expected JSON and holds every value in it against ours.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace rationale::test {

/// |got - wanted| <= absolute + relative |wanted|
struct Tolerance {
  double absolute = 0, relative = 0;
};
/// By the keys down to the value, such as "lmm_confidence.variance[0].vcov".
using ToleranceOf = std::function<Tolerance(const std::string& path)>;

struct Compared {
  int n = 0, agreed = 0;
  double worst = 0;        ///< largest error as a share of its tolerance
  std::string worst_path;
};

/// Every leaf of `wanted` counts; objects in `got` may hold more. Each disagreement is a failed check.
/// Keys called "reason" or "note" are free words and are not compared.
Compared compare_all(const nlohmann::ordered_json& got, const nlohmann::ordered_json& wanted,
                     const std::string& path, const ToleranceOf& tolerance);

/// "models_x.json: 812 of 812 values agree, worst …" on stdout.
void print_compared(const std::string& file, const Compared& result);

}  // namespace rationale::test
