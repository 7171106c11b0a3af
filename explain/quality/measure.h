// A measured number, or the reason why there is none.
#pragma once

#include <string>
#include <utility>

namespace rationale::explain {

struct Measure {
  double value = 0;    ///< finite; means something only where `code` is empty
  std::string code;    ///< empty, or a stable word such as "no_positive_evidence"
  std::string reason;  ///< for people; empty where there is a value

  explicit operator bool() const { return code.empty(); }
};

inline Measure measured(double value) { return {value, {}, {}}; }
inline Measure not_estimable(std::string code, std::string reason) { return {0, std::move(code), std::move(reason)}; }

}  // namespace rationale::explain
