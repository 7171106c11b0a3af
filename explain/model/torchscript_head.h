// A head whose gradients stand in its weights: (relu →) global average pool → linear.
#pragma once

#include <optional>
#include <vector>

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// y_c = b_c + sum_k W_ck mean_s r(A_ks), with r = relu or the identity, so
///   d y_c / d A_ks = W_ck / S · r'(A_ks),   S = number of positions.
struct ClosedFormHead {
  at::Tensor weight;  ///< W [classes, K]
  bool has_relu = false;

  /// d (slopes · y) / dA, one of the shape of `activation` for each of `slopes`: dt/dy [N, classes].
  std::vector<at::Tensor> gradients(const at::Tensor& activation, const std::vector<at::Tensor>& slopes) const;

  /// The means of these over the positions, [N,K] each.
  std::vector<at::Tensor> mean_gradients(const at::Tensor& activation, const std::vector<at::Tensor>& slopes) const;
};

/// The head, if the suffix is one: relu, adaptive_avg_pool to one cell or mean over all positions,
/// then flatten, view, reshape or squeeze, then linear; sizes may be read, no other tensor comes
/// in.
/// @param n_dims  of the activation
std::optional<ClosedFormHead> closed_form_head(const Graph& suffix, std::int64_t n_dims);

}  // namespace rationale::explain::torchscript
