// Ablation-CAM: channels weighed by how much the score drops without them.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// d_k = t(y) - t(y with channel k set to 0), by running the suffix again, never the prefix: an intervention, no
/// gradient. With groups of G > 1 channels that are removed together, each channel gets the G-th part of their
/// drop, at a G-th of the cost.
/// @return  [N,K] for each target; all targets share the runs
std::vector<at::Tensor> ablation_drops(const MethodCall& call);

/// Ablation-CAM (Desai and Ramaswamy, WACV 2020, eq. 3), before the ReLU:
///
///   w_k = d_k / |t(y)|        M_s = sum_k w_k A_ks
///
/// The paper divides by t(y), which turns the map round where that is negative; |t(y)| does not.
/// @return  [N,*S] for each target
/// @throws Error (kRefused)  only one place; "zero_target" if t(y) = 0
std::vector<at::Tensor> ablation_cam(const MethodCall& call);

}  // namespace rationale::explain
