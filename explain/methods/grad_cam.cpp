#include "explain/methods/grad_cam.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor grad_cam(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  const at::NoGradGuard no_graph;
  // One number a channel: [N,K,1] · [N,K,|S|], as a product of matrices.
  const at::Tensor weights = gradients.flatten(2).mean(2);
  return weights.unsqueeze(1).bmm(activations.flatten(2)).squeeze(1).view(map_shape(activations));
}

}  // namespace rationale::explain
