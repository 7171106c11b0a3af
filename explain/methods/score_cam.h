// Score-CAM: channels weighed by the score of the image seen through them.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// s_k = t(f(x * m_k)) - t(f(0)), where m_k is channel k of the layer, up-sampled to the input (half-pixel centres)
/// and stretched to 0 … 1. The whole network runs once a channel. A channel of one value is no mask: s_k = 0, and
/// no run. The masks multiply the prepared input, so what they hide becomes its 0 (mean grey in most models).
/// @return  [N,K] for each target; all targets share the runs
std::vector<at::Tensor> score_cam_scores(const MethodCall& call);

/// Score-CAM (Wang et al., CVPR-W 2020, arXiv:1910.01279, eqs. 3-5), before the ReLU:
///
///   w = softmax_k(s), over the channels that are masks        M_s = sum_k w_k A_ks
///
/// With large logits the softmax leaves one channel.
/// @return  [N,*S] for each target, in units of the activation
std::vector<at::Tensor> score_cam(const MethodCall& call);

}  // namespace rationale::explain
