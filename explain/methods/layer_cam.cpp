#include "explain/methods/layer_cam.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor layer_cam(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  const at::NoGradGuard no_graph;
  return (gradients.clamp_min(0) * activations).sum(1);
}

}  // namespace rationale::explain
