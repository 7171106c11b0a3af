// Eigen-CAM: the strongest pattern of a layer's activations, whatever the class.
#pragma once

#include <utility>

namespace at {
class Tensor;
}

namespace rationale::explain {

enum class Centring { kNone, kColumns };

/// Eigen-CAM (Muhammad and Yeasin, IJCNN 2020, arXiv:2008.00299): with X the [places x channels] matrix of one
/// image and v the first right singular vector,
///
///   M = X v
///
/// The paper does not centre; kColumns removes each channel's mean first, as a principal component does. A singular
/// vector has no sign: here sum M >= 0, and max M >= -min M if centred. No gradient and no class: it shows what
/// stands out, not why a class was chosen.
///
/// @param activations  [N,K,*S]
/// @return  M [N,*S], in units of the activation, and sigma_2 / sigma_1 [N]: above 0.97 the vector is not determined
/// @throws Error (kRefused) if there is only one place
std::pair<at::Tensor, at::Tensor> eigen_cam(const at::Tensor& activations, Centring centring);

}  // namespace rationale::explain
