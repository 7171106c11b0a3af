// Grad-CAM++: channels weighed by their positive gradients, each corrected for the channel's size.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// Grad-CAM++ (Chattopadhay et al., WACV 2018, arXiv:1710.11063, eqs. 5 and 19), before the ReLU:
///
///   alpha_ks = g_ks^2 / (2 g_ks^2 + S_k g_ks^3),   S_k = sum_s A_ks
///   w_k = sum_s alpha_ks max(g_ks, 0) = sum over g_ks > 0 of g_ks / (2 + S_k g_ks)       M_s = sum_k w_k A_ks
///
/// The last form needs no epsilon. The paper's factor exp(y) is a positive constant of the image and left out.
/// The shape of a map depends on the target's scale: logit and probability give different maps.
///
/// @param activations  A >= 0, [N,K,*S]: behind a ReLU. With negative values 2 + S_k g may cross 0
/// @param gradients    g = d target / dA, same shape
/// @return  M, [N,*S], >= 0; not in units of the target
/// @throws Error  kInput if the shapes differ; kRefused: only one place, or "negative_activations"
at::Tensor grad_cam_pp(const at::Tensor& activations, const at::Tensor& gradients);

}  // namespace rationale::explain
