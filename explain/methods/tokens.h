// Transformer layers, [N,T,C], under methods that need places.
#pragma once

#include <optional>

#include "explain/model/split_model.h"
#include "explain/model/token_grid.h"

namespace rationale::explain {

/// [N,T,C] → [N,C,rows,columns]; without a grid the tensor as it is.
/// @throws Error (kInput, "bad_reshape") if the tokens are not prefix + rows x columns
at::Tensor to_places(const at::Tensor& tensor, const std::optional<TokenGrid>& grid);

/// Tokens read as channels would give a map without meaning.
/// @throws Error (kUsage, "reshape_needed") naming a likely rule, if the layer of a picture's or a volume's model
/// returns [N,T,C] and no grid is given
void check_layout(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid);

/// Whether the output changes when the grid's tokens do. It does not where only the class token is read on, as behind
/// the last block of most transformers: every map is zero there. True for layers that are no tokens.
bool do_places_reach(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid);

/// The sentence for it.
inline constexpr const char* kOnlyClassToken =
    "only the class token of this layer reaches the class: no place of it can speak; choose an earlier layer, such as "
    "the block before or the first norm of this one";

/// @throws Error (kRefused, "class_token_only") where do_places_reach is false
void check_places_reach(const SplitModel& model, const SplitRun& run, const std::optional<TokenGrid>& grid);

}  // namespace rationale::explain
