#include "explain/methods/eigen_cam.h"

#include <vector>

#include "explain/methods/places.h"
#include "explain/torch.h"

namespace rationale::explain {

std::pair<at::Tensor, at::Tensor> eigen_cam(const at::Tensor& activations, Centring centring) {
  check_places(activations, activations);
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> maps, ratios;
  for (const at::Tensor& one : activations.unbind(0)) {
    at::Tensor x = one.flatten(1).t().to(at::kDouble);  // [places, channels]
    if (centring == Centring::kColumns) x = x - x.mean(0, /*keepdim=*/true);
    const auto [u, sigma, vh] = at::linalg_svd(x, /*full_matrices=*/false);
    at::Tensor map = x.mv(vh[0]);
    const bool is_turned = centring == Centring::kColumns
                               ? map.max().item<double>() < -map.min().item<double>()
                               : map.sum().item<double>() < 0;
    if (is_turned) map = -map;
    const double first = sigma[0].item<double>();
    const double second = sigma.size(0) > 1 ? sigma[1].item<double>() : 0;
    maps.push_back(map.view_as(one[0]));
    ratios.push_back(at::full({}, first > 0 ? second / first : 0, at::kDouble));
  }
  return {at::stack(maps), at::stack(ratios)};
}

}  // namespace rationale::explain
