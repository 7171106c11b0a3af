// Two results.json side by side.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/catch.h"

namespace rationale::test {

using Json = nlohmann::ordered_json;

/// Numbers agree within `relative` (and 1e-13), all else exactly. @return  numbers compared
inline int same_numbers(const Json& got, const Json& wanted, double relative, const std::string& path = "") {
  INFO(path);
  if (wanted.is_number() && got.is_number()) {
    CHECK(got.get<double>() == Approx(wanted.get<double>()).epsilon(relative).margin(1e-13));
    return 1;
  }
  if (!wanted.is_structured()) {
    CHECK(got == wanted);
    return 0;
  }
  REQUIRE(got.size() == wanted.size());
  int n = 0;
  if (wanted.is_array()) {
    for (std::size_t i = 0; i < wanted.size(); ++i) n += same_numbers(got[i], wanted[i], relative, path + "[]");
    return n;
  }
  for (const auto& [key, value] : wanted.items()) {
    REQUIRE(got.contains(key));
    n += same_numbers(got.at(key), value, relative, path + "." + key);
  }
  return n;
}

/// Takes every member of that name away, at any depth.
inline void drop(Json& json, const std::string& name) {
  if (json.is_object()) json.erase(name);
  if (!json.is_structured()) return;
  for (auto& value : json) drop(value, name);
}

}  // namespace rationale::test
