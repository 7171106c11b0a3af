#include "explain/methods/hires_cam.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor hires_cam(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  const at::NoGradGuard no_graph;
  return (activations * gradients).sum(1);
}

}  // namespace rationale::explain
