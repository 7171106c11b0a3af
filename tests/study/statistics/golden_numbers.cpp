#include "tests/study/statistics/golden_numbers.h"

#include <fmt/format.h>

#include <cmath>

#include "tests/support/catch.h"

namespace rationale::test {
namespace {

using Json = nlohmann::ordered_json;

class Walk {
 public:
  explicit Walk(const ToleranceOf& tolerance) : tolerance_(tolerance) {}

  void visit(const Json* got, const Json& wanted, const std::string& path) {
    if (wanted.is_object()) {
      for (const auto& [key, value] : wanted.items()) {
        if (key == "reason" || key == "note") continue;
        const bool has_key = got != nullptr && got->is_object() && got->contains(key);
        visit(has_key ? &got->at(key) : nullptr, value, path.empty() ? key : path + "." + key);
      }
    } else if (wanted.is_array()) {
      // R writes a vector of length 1 as an array or as its value.
      const bool is_list = got != nullptr && got->is_array() && got->size() == wanted.size();
      if (wanted.empty()) count(is_list, path, got, wanted);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        visit(is_list ? &got->at(i) : nullptr, wanted[i], fmt::format("{}[{}]", path, i));
      }
    } else if (wanted.is_number() && got != nullptr && got->is_number()) {
      const double w = wanted, g = *got;
      const Tolerance t = tolerance_(path);
      const double error = std::abs(g - w), allowed = t.absolute + t.relative * std::abs(w);
      if (error > 0 && error / allowed > result.worst) {
        result.worst = error / allowed;
        result.worst_path = path;
      }
      count(error <= allowed, path, got, wanted);
    } else {
      count(got != nullptr && *got == wanted, path, got, wanted);
    }
  }

  Compared result;

 private:
  void count(bool agrees, const std::string& path, const Json* got, const Json& wanted) {
    ++result.n;
    result.agreed += agrees;
    if (!agrees) FAIL_CHECK(path << ": got " << (got != nullptr ? got->dump() : "nothing") << ", wanted " << wanted);
  }

  const ToleranceOf& tolerance_;
};

}  // namespace

Compared compare_all(const Json& got, const Json& wanted, const std::string& path,
                     const ToleranceOf& tolerance) {
  Walk walk(tolerance);
  walk.visit(&got, wanted, path);
  CHECK(walk.result.agreed == walk.result.n);
  return walk.result;
}

void print_compared(const std::string& file, const Compared& result) {
  fmt::print("{}: {} of {} values agree; the worst uses {:.1e} of its tolerance ({})\n", file, result.agreed,
             result.n, result.worst, result.worst_path);
}

}  // namespace rationale::test
