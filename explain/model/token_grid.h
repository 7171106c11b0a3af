// How a transformer's tokens [N,T,C] lie in the picture: what `--reshape` and a card's `explain.reshape` say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rationale::explain {

/// The first `prefix` tokens are no places (class token, registers), the rest fill a rows x columns grid row by row
/// → [N,C,rows,columns].
struct TokenGrid {
  std::int64_t prefix = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// "tokens:PREFIX:ROWSxCOLS". @throws Error (kUsage, "bad_reshape") for anything else
TokenGrid parse_token_grid(const std::string& text);

/// "tokens:1:14x14" for 197 tokens: a grid of the picture's proportions behind as few other tokens as there can be;
/// empty if none is likely.
/// @param shape    [N,T,C]
/// @param picture  H,W of the input; empty: as for a square one
std::string likely_grid(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& picture = {});

}  // namespace rationale::explain
