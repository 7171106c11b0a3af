#include "explain/methods/drops.h"

#include <algorithm>

#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/model/targets.h"

namespace rationale::explain {

std::vector<at::Tensor> drops(const MethodCall& call, std::int64_t n,
                              const std::function<void(const at::Tensor& copy, std::int64_t i)>& change) {
  const at::NoGradGuard no_graph;
  const at::Tensor& a = call.activation();
  const std::vector<Target>& targets = call.request.targets;
  std::int64_t at_once = variants_at_once(a);
  if (at_once < 4) at_once = 1;  // a pass of the run's own size: its own logits are the ones to compare with
  const std::int64_t n_unchanged = at_once == 1 ? 0 : 1;
  std::vector<std::vector<at::Tensor>> parts(targets.size());  // [target][piece], each [variants, N]
  in_order(
      call, (n + at_once - 1) / at_once,
      [&](std::int64_t piece) -> std::vector<at::Tensor> {
        const at::NoGradGuard also_here;
        const std::int64_t first = piece * at_once, count = std::min(at_once, n - first);
        std::vector<std::int64_t> repeats(static_cast<std::size_t>(a.dim()) + 1, 1);
        repeats[0] = n_unchanged + count;
        const at::Tensor variants = a.unsqueeze(0).repeat(repeats);
        for (std::int64_t v = 0; v < count; ++v) change(variants[n_unchanged + v], first + v);
        return {call.model.suffix(call.run, variants.flatten(0, 1))};
      },
      [&](std::int64_t, const std::vector<at::Tensor>& logits) {
        for (std::size_t t = 0; t < targets.size(); ++t) {
          const at::Tensor values = target_values(logits[0], targets[t]).view({-1, a.size(0)});
          const at::Tensor unchanged =
              n_unchanged == 1 ? values[0] : target_values(call.model.logits(call.run), targets[t]);
          parts[t].push_back(unchanged - values.narrow(0, n_unchanged, values.size(0) - n_unchanged));
        }
      });
  std::vector<at::Tensor> result;
  for (const auto& each : parts) result.push_back(at::cat(each).t());
  return result;
}

}  // namespace rationale::explain
