#include "explain/methods/xgrad_cam.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor xgrad_cam(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  check_not_negative(activations, "XGrad-CAM");
  const at::NoGradGuard no_graph;
  const at::Tensor a = activations.flatten(2), g = gradients.flatten(2);
  const at::Tensor size = a.sum(2, /*keepdim=*/true);  // [N,K,1]
  const at::Tensor is_usable = size.abs().gt(1e-12 * a.abs().sum(2, /*keepdim=*/true));
  const at::Tensor weights = at::where(is_usable, (a * g).sum(2, /*keepdim=*/true) /
                                                      at::where(is_usable, size, at::ones_like(size)),
                                       at::zeros_like(size));
  return (weights * a).sum(1).view_as(activations.select(1, 0));
}

}  // namespace rationale::explain
