// XGrad-CAM: channels weighed by their gradients where they are active.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// XGrad-CAM (Fu et al., BMVC 2020, arXiv:2008.02312, eq. 8), before the ReLU:
///
///   w_k = sum_s A_ks g_ks / sum_s A_ks        M_s = sum_k w_k A_ks
///
/// w_k = 0 where |sum A| <= 1e-12 sum |A|. Equals Grad-CAM where the gradient is the same at all places.
///
/// @param activations  A >= 0, [N,K,*S]: behind a ReLU. With both signs sum A may be near 0 and the weight anything
/// @param gradients    g = d target / dA, same shape
/// @return  M, [N,*S], signed, in units of the target
/// @throws Error  kInput if the shapes differ; kRefused: only one place, or "negative_activations"
at::Tensor xgrad_cam(const at::Tensor& activations, const at::Tensor& gradients);

}  // namespace rationale::explain
