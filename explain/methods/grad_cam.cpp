#include "explain/methods/grad_cam.h"

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

at::Tensor grad_cam(const at::Tensor& activations, const at::Tensor& gradients) {
  check_places(activations, gradients);
  const at::NoGradGuard no_graph;
  std::vector<std::int64_t> cell(static_cast<std::size_t>(activations.dim()), 1);
  cell[0] = activations.size(0);
  cell[1] = activations.size(1);
  const at::Tensor weights = gradients.flatten(2).mean(2).view(cell);  // [N,K,1,1]
  return (weights * activations).sum(1);
}

}  // namespace rationale::explain
