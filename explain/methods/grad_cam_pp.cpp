#include "explain/methods/grad_cam_pp.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor grad_cam_pp(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  check_not_negative(activations, "Grad-CAM++");
  const at::NoGradGuard no_graph;
  const at::Tensor a = activations.flatten(2), g = gradients.flatten(2).clamp_min(0);
  const at::Tensor size = a.sum(2, /*keepdim=*/true);               // S_k, [N,K,1]
  const at::Tensor weights = (g / (2 + size * g)).sum(2, /*keepdim=*/true);
  return (weights * a).sum(1).view_as(activations.select(1, 0));
}

}  // namespace rationale::explain
