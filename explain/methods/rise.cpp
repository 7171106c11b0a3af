#include "explain/methods/rise.h"

#include <algorithm>

#include "explain/methods/display.h"
#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/model/pseudo_random.h"
#include "explain/model/targets.h"

namespace rationale::explain {
namespace {

constexpr int kMasks = 2000;
constexpr std::int64_t kCells = 7;
constexpr double kOpen = 0.5;

/// Mask `index`, [1,*sides]: cells + 1 a side, enlarged to one cell more than the image, cut out at a random shift.
at::Tensor mask_of(const Shape& sides, std::uint64_t seed, std::int64_t index) {
  std::uint64_t state = seed ^ (static_cast<std::uint64_t>(index) * 0x9E3779B97F4A7C15u);
  Shape cells, large;
  for (const std::int64_t side : sides) {
    const std::int64_t n = std::min(kCells, side);
    cells.push_back(n + 1);
    large.push_back((n + 1) * ((side + n - 1) / n));
  }
  at::Tensor mask = at::empty(cells, at::kFloat);
  float* values = mask.data_ptr<float>();
  for (std::int64_t i = 0; i < mask.numel(); ++i) values[i] = next_uniform(state) < kOpen ? 1.0F : 0.0F;
  mask = up_sampled(mask.unsqueeze(0), large);
  for (std::size_t d = 0; d < sides.size(); ++d) {
    const auto room = static_cast<double>(large[d] - sides[d] + 1);
    const auto shift = static_cast<std::int64_t>(next_uniform(state) * room);
    mask = mask.narrow(static_cast<std::int64_t>(d) + 1, shift, sides[d]);
  }
  return mask.contiguous();
}

}  // namespace

std::vector<at::Tensor> rise(const MethodCall& call) {
  const at::NoGradGuard no_graph;
  const at::Tensor& x = call.activation();
  const MapSettings& settings = call.request.settings;
  const Shape& sides = call.request.input_size;
  const std::int64_t n_masks = settings.samples > 0 ? settings.samples : kMasks;
  const std::int64_t at_once = variants_at_once(x), n = x.size(0);
  std::vector<at::Tensor> sums(call.request.targets.size(),
                               at::zeros({n, element_count(sides)}, x.options().dtype(at::kDouble)));
  in_order(
      call, (n_masks + at_once - 1) / at_once,
      [&](std::int64_t piece) -> std::vector<at::Tensor> {
        const at::NoGradGuard also_here;
        const std::int64_t first = piece * at_once, last = std::min(first + at_once, n_masks);
        std::vector<at::Tensor> masks, seen;
        for (std::int64_t i = first; i < last; ++i) {
          masks.push_back(mask_of(sides, settings.seed, i).to(x.options()));
          seen.push_back(x * masks.back().unsqueeze(0));
        }
        return {at::cat(masks).to(at::kDouble), call.model.suffix(call.run, at::cat(seen))};
      },
      [&](std::int64_t, const std::vector<at::Tensor>& part) {
        const at::Tensor masks = part[0].flatten(1);  // [masks, P]
        for (std::size_t t = 0; t < sums.size(); ++t) {
          const at::Tensor values = target_values(part[1], call.request.targets[t]).to(at::kDouble);
          for (std::int64_t i = 0; i < masks.size(0); ++i) {  // in order, whatever BLAS would do
            sums[t] = sums[t] + values.narrow(0, i * n, n).unsqueeze(1) * masks.narrow(0, i, 1);
          }
        }
      });
  Shape shape = sides;
  shape.insert(shape.begin(), n);
  for (at::Tensor& sum : sums) sum = sum.view(shape) / (static_cast<double>(n_masks) * kOpen);
  return sums;
}

}  // namespace rationale::explain
