// HiResCAM: where a layer supports one score, each value weighed by its own gradient.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// HiResCAM (Draelos and Carin, arXiv:2011.08891, eq. 4), before any ReLU:
///
///   M_s = sum_k g_ks A_ks
///
/// Equals Grad-CAM where the head is global average pooling and one linear layer; its sum over
/// places is then y - bias. Under a LayerNorm terms cancel: float32 loses digits there.
///
/// @param activations  A, [N,K,*S]
/// @param gradients    g = d target / dA, same shape
/// @return  M, [N,*S], signed, in units of the target
/// @throws Error (kInput) if the shapes differ; kRefused if there is only one place
at::Tensor hires_cam(const at::Tensor& activations, const at::Tensor& gradients);

}  // namespace rationale::explain
