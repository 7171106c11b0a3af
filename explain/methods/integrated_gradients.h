// Integrated gradients: what each value adds to the score on the way from a baseline, at the input or at a layer.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

enum class QuadratureRule { kGaussLegendre, kTrapezoid };

/// Integrated gradients (Sundararajan et al., ICML 2017, arXiv:1703.01365, eq. 1) of the values A of the cut:
///
///   I = (A - A0) * integral over t = 0 … 1 of dt(y)/dA at A0 + t (A - A0)
///
/// A0 is what an input of zeros gives there; at @input that is the zero image. At a layer only the suffix runs,
/// and what else crosses the cut stays that of the input.
/// Facts: completeness_gap = sum I - (t(y) - t(y at A0)), by which the quadrature misses; score_change = t(y) -
/// t(y at A0); steps. ReLU kinks make the gap, so a finer rule is not always better. settings.adapts_steps doubles
/// the steps of an image and target, up to 400, while |gap| is above 5 % of |score_change|.
/// @return  the shape of A for each target
std::vector<at::Tensor> integrated_gradients(const MethodCall& call, QuadratureRule rule);

/// The sum over channels of integrated_gradients, [N,*S] for each target. The gap is that of the whole layer, places
/// and prefix tokens.
/// @throws Error (kRefused) if there is only one place
std::vector<at::Tensor> layer_integrated_gradients(const MethodCall& call);

}  // namespace rationale::explain
