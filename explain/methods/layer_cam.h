// LayerCAM: each value weighed by its own gradient, where that is positive.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// LayerCAM (Jiang et al., IEEE TIP 2021, doi:10.1109/TIP.2021.3089943, eqs. 6-7), before the ReLU:
///
///   M_s = sum_k max(g_ks, 0) A_ks
///
/// Sharp on early layers. It keeps the image's structure when the weights are randomised (|Spearman| 0.65 to
/// 0.68 on one of our models): judge it by the sanity checks of the model at hand.
///
/// @param activations  A, [N,K,*S]
/// @param gradients    g = d target / dA, same shape
/// @return  M, [N,*S], in units of the target; negative only where A is
/// @throws Error (kInput) if the shapes differ; kRefused if there is only one place
at::Tensor layer_cam(const at::Tensor& activations, const at::Tensor& gradients);

}  // namespace rationale::explain
