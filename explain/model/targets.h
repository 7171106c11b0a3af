// The scalar of each image that a map explains, and its derivative by the logits.
#pragma once

#include <cstdint>

#include "explain/model/split_model.h"

namespace rationale::explain {

/// t(y) of each row: y_k - reference, reference - y_k, sigmoid(y_k), softmax(y)_k or y_k - y_other.
/// @param logits  [N, classes]
/// @return [N], in the type of `logits`, computed in float64
/// @throws Error (kUsage) if a class index is outside 0 … classes - 1
at::Tensor target_values(const at::Tensor& logits, const Target& target);

/// dt/dy, [N, classes]. sigmoid' is p(y) p(-y), so that nothing cancels when p is near 1.
at::Tensor target_slopes(const at::Tensor& logits, const Target& target);

/// @throws Error (kUsage) if a class index of the target is outside 0 … n_classes - 1
void check_target(const Target& target, std::int64_t n_classes);

}  // namespace rationale::explain
