#include "explain/model/token_grid.h"

#include <fmt/format.h>

#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::explain {

TokenGrid parse_token_grid(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  const std::vector<std::string> sides = parts.size() == 3 ? split(parts[2], 'x') : parts;
  if (parts.size() == 3 && parts[0] == "tokens" && sides.size() == 2) {
    const long long prefix = parse_integer(parts[1]).value_or(-1);
    const long long rows = parse_integer(sides[0]).value_or(0);
    const long long columns = parse_integer(sides[1]).value_or(0);
    if (prefix >= 0 && rows > 0 && columns > 0) return {prefix, rows, columns};
  }
  throw Error(Error::Kind::kUsage, "\"" + text + "\" is no reshape rule", "--reshape",
              "write tokens:PREFIX:ROWSxCOLS, such as tokens:1:14x14")
      .with_code("bad_reshape");
}

std::string likely_grid(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& picture) {
  if (shape.size() != 3) return {};
  const bool has_picture = picture.size() == 2 && picture[0] > 0 && picture[1] > 0;
  const double proportion =
      has_picture ? static_cast<double>(picture[0]) / static_cast<double>(picture[1]) : 1.0;
  constexpr std::int64_t kMostOthers = 5;  // class, distillation and register tokens
  for (std::int64_t others = 0; others <= kMostOthers; ++others) {
    const std::int64_t places = shape[1] - others;
    const auto rows = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(places) * proportion)));
    if (rows < 1 || places < 4 || places % rows != 0) continue;
    const std::int64_t columns = places / rows;
    const bool has_proportion =
        !has_picture ? rows == columns : rows * picture[1] == columns * picture[0];
    if (has_proportion) return fmt::format("tokens:{}:{}x{}", others, rows, columns);
  }
  return {};
}

}  // namespace rationale::explain
