// SmoothGrad: the input gradient, averaged over noisy copies of the image.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// SmoothGrad (Smilkov et al., arXiv:1706.03825): the mean of dt(y)/dx over x + sigma e, e about normal from the
/// seed, sigma = 0.15 (max x - min x) of each image; 50 samples if the settings name no number. The noise is the same
/// for all images, so that a batch gives what single images give.
/// @return  [N,C,*S] for each target
std::vector<at::Tensor> smooth_grad(const MethodCall& call);

}  // namespace rationale::explain
