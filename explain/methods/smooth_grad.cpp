#include "explain/methods/smooth_grad.h"

#include <algorithm>

#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/model/pseudo_random.h"

namespace rationale::explain {
namespace {

constexpr int kSamples = 50;
constexpr double kNoise = 0.15;  // of the image's range: the paper's 10 to 20 %

}  // namespace

std::vector<at::Tensor> smooth_grad(const MethodCall& call) {
  const at::Tensor& x = call.activation();
  const MapSettings& settings = call.request.settings;
  const std::int64_t n_samples = settings.samples > 0 ? settings.samples : kSamples;
  const std::int64_t at_once = std::min<std::int64_t>(variants_at_once(x), 16);
  std::vector<std::int64_t> cell(static_cast<std::size_t>(x.dim()), 1);
  cell[0] = x.size(0);
  const at::Tensor sigma = (kNoise * (x.flatten(1).amax(1) - x.flatten(1).amin(1))).view(cell);
  const Shape one(x.sizes().begin() + 1, x.sizes().end());
  std::vector<at::Tensor> sums(call.request.targets.size(), at::zeros(x.sizes(), x.options().dtype(at::kDouble)));
  in_order(
      call, (n_samples + at_once - 1) / at_once,
      [&](std::int64_t piece) {
        const std::int64_t first = piece * at_once, last = std::min(first + at_once, n_samples);
        std::vector<at::Tensor> noisy;
        for (std::int64_t j = first; j < last; ++j) {
          std::uint64_t state = settings.seed + static_cast<std::uint64_t>(j);
          noisy.push_back(x + sigma * pseudo_random(one, next_random(state)).to(x.options()));
        }
        std::vector<at::Tensor> gradients =
            call.model.suffix_gradients(call.run, at::cat(noisy), call.request.targets);
        for (at::Tensor& gradient : gradients) {
          gradient = gradient.reshape({last - first, x.size(0), -1}).sum(0, /*keepdim=*/false, at::kDouble);
        }
        return gradients;
      },
      [&](std::int64_t, const std::vector<at::Tensor>& parts) {
        for (std::size_t t = 0; t < sums.size(); ++t) sums[t] = sums[t] + parts[t].view_as(x);
      });
  for (at::Tensor& sum : sums) sum = sum / static_cast<double>(n_samples);
  return sums;
}

}  // namespace rationale::explain
