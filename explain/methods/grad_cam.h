// Grad-CAM: where a layer supports one score, each channel weighed by its mean gradient.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

/// Grad-CAM (Selvaraju et al., ICCV 2017, eqs. 1-2), before the ReLU:
///
///   w_k = (1 / |S|) sum_s g_ks        M_s = sum_k w_k A_ks
///
/// @param activations  A, [N,K,*S], the layer's output (2-D or 3-D places)
/// @param gradients    g = d target / dA, same shape
/// @return  M, [N,*S], signed, in units of the target; not scaled, not up-sampled: ReLU and scaling
/// are display
///          steps, because a map without positive values is a result
/// @throws Error (kInput) if the shapes differ; kRefused if there is only one place
at::Tensor grad_cam(const at::Tensor& activations, const at::Tensor& gradients);

/// The maps of several targets in one product, from their weights w: [N,K] each (SplitModel::mean_gradients).
/// @return  one [N,*S] for each
/// @throws Error as above
std::vector<at::Tensor> grad_cams(const at::Tensor& activations, const std::vector<at::Tensor>& weights);

}  // namespace rationale::explain
