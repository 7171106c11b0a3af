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

std::vector<at::Tensor> grad_cams(const at::Tensor& activations, const std::vector<at::Tensor>& weights) {
  check_places(activations, activations);
  if (weights.empty()) return {};
  const at::NoGradGuard no_graph;
  const at::Tensor maps = at::stack(weights, 1).bmm(activations.flatten(2));  // [N,T,K] [N,K,|S|]
  std::vector<std::int64_t> shape = activations.sizes().vec();
  shape.erase(shape.begin() + 1);
  std::vector<at::Tensor> result;
  for (const at::Tensor& map : maps.unbind(1)) result.push_back(map.reshape(shape));
  return result;
}

}  // namespace rationale::explain
