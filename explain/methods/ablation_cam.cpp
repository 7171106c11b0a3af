#include "explain/methods/ablation_cam.h"

#include <algorithm>

#include "data/base/error.h"
#include "explain/methods/drops.h"
#include "explain/methods/method_call.h"
#include "explain/methods/places.h"
#include "explain/model/targets.h"

namespace rationale::explain {
std::vector<at::Tensor> ablation_drops(const MethodCall& call) {
  const std::int64_t axis = call.request.grid ? 2 : 1;
  const std::int64_t n_channels = call.activation().size(axis);
  const std::int64_t group = std::clamp<std::int64_t>(call.request.settings.channel_group, 1, n_channels);
  std::vector<at::Tensor> result =
      drops(call, (n_channels + group - 1) / group, [&](const at::Tensor& copy, std::int64_t i) {
        copy.narrow(axis, i * group, std::min(group, n_channels - i * group)).zero_();
      });
  if (group == 1) return result;
  at::Tensor sizes = at::full({n_channels}, static_cast<double>(group), result.front().options());
  const std::int64_t last = (n_channels - 1) / group * group;  // the last group may be smaller
  sizes.narrow(0, last, n_channels - last).fill_(static_cast<double>(n_channels - last));
  for (at::Tensor& drop : result) drop = drop.repeat_interleave(group, 1).narrow(1, 0, n_channels) / sizes;
  return result;
}

std::vector<at::Tensor> ablation_cam(const MethodCall& call) {
  const at::Tensor a = call.places();
  check_places(a, a);
  std::vector<at::Tensor> maps = ablation_drops(call);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const at::Tensor size = target_values(call.model.logits(call.run), call.request.targets[i]).abs();
    if (size.eq(0).any().item<bool>()) {
      throw Error(Error::Kind::kRefused, "the target's value is 0: Ablation-CAM divides by it", "--kind",
                  "use ablation_drop, which does not")
          .with_code("zero_target");
    }
    const at::Tensor weights = (maps[i] / size.unsqueeze(1)).unsqueeze(2);  // [N,K,1]
    maps[i] = (weights * a.flatten(2)).sum(1).view_as(a.select(1, 0));
  }
  return maps;
}

}  // namespace rationale::explain
