// What every map needs to know of its activations: that they have places.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// @throws Error (kInput) if the shapes differ or are not [N,K,*S]; kRefused ("no_places") if |S| =
/// 1
void check_places(const at::Tensor& activations, const at::Tensor& gradients);

}  // namespace rationale::explain
