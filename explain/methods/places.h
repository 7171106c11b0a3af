// What every map needs to know of its activations: that they have places.
#pragma once

namespace at {
class Tensor;
}

namespace rationale::explain {

/// @throws Error (kInput) if the shapes differ or are not [N,K,*S]; kRefused ("no_places") if |S| =
/// 1
void check_places(const at::Tensor& activations, const at::Tensor& gradients);

/// @param method  its name, for the message
/// @throws Error (kRefused, "negative_activations") if a value is below 0
void check_not_negative(const at::Tensor& activations, const char* method);

}  // namespace rationale::explain
