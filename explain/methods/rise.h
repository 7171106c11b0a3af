// RISE: the score expected while a pixel is visible, over random masks.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// RISE (Petsiuk et al., BMVC 2018, arXiv:1806.07421, eq. 6):
///
///   M_p = 1 / (N E[m]) sum_i t(f(x * m_i)) m_ip
///
/// m_i: 7 cells a side (fewer on shorter ones), each open with probability 1/2, up-sampled bilinearly and shifted at
/// random within a cell; E[m] = 1/2. 2000 masks if the settings name no number, from the seed, the same for all
/// images. A black-box check, noisy: the mean of a logit that is far from 0 is added to every pixel.
/// @return  [N,*S] for each target, in units of the target; all targets share the runs
std::vector<at::Tensor> rise(const MethodCall& call);

}  // namespace rationale::explain
