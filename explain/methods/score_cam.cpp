#include "explain/methods/score_cam.h"

#include <algorithm>
#include <cmath>

#include "explain/methods/display.h"
#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/methods/places.h"
#include "explain/model/targets.h"

namespace rationale::explain {
namespace {

/// [N,K]: which channels have more than one value.
at::Tensor are_masks(const at::Tensor& a) {
  const at::Tensor values = a.flatten(2);
  return values.amax(2).gt(values.amin(2));
}

/// Up-sampled and stretched to 0 … 1. @param channels  [k,*S], none of one value
at::Tensor masks_of(const at::Tensor& channels, const Shape& size) {
  const at::Tensor large = up_sampled(channels, size).flatten(1);
  const at::Tensor low = large.amin(1, /*keepdim=*/true), high = large.amax(1, /*keepdim=*/true);
  const at::Tensor span = high - low;  // may be 0: up-sampling rounds
  std::vector<std::int64_t> shape{channels.size(0), 1};
  shape.insert(shape.end(), size.begin(), size.end());
  return ((large - low) / at::where(span.gt(0), span, at::ones_like(span))).view(shape);
}

struct Piece {
  std::int64_t image;
  at::Tensor channels;  ///< indices, int64
};

std::vector<Piece> pieces_of(const at::Tensor& is_mask, std::int64_t at_once) {
  std::vector<Piece> pieces;
  for (std::int64_t n = 0; n < is_mask.size(0); ++n) {
    const at::Tensor channels = is_mask[n].nonzero().flatten();
    for (std::int64_t first = 0; first < channels.size(0); first += at_once) {
      pieces.push_back({n, channels.narrow(0, first, std::min(at_once, channels.size(0) - first))});
    }
  }
  return pieces;
}

}  // namespace

std::vector<at::Tensor> score_cam_scores(const MethodCall& call) {
  const at::NoGradGuard no_graph;
  const at::Tensor a = call.places();
  check_places(a, a);
  const at::Tensor x = call.input().to(a.options());
  const at::Tensor base = call.model.scores(at::zeros_like(x.narrow(0, 0, 1)));
  std::vector<at::Tensor> scores;
  std::vector<at::Tensor> base_values;
  for (const Target& target : call.request.targets) {
    base_values.push_back(target_values(base, target));
    scores.push_back(at::zeros({a.size(0), a.size(1)}, a.options()));
  }
  const std::vector<Piece> pieces = pieces_of(are_masks(a), variants_at_once(x[0]));
  in_order(
      call, static_cast<std::int64_t>(pieces.size()),
      [&](std::int64_t i) -> std::vector<at::Tensor> {
        const at::NoGradGuard also_here;
        const Piece& piece = pieces[static_cast<std::size_t>(i)];
        const at::Tensor channels = a[piece.image].index_select(0, piece.channels);
        return {call.model.scores(x[piece.image] * masks_of(channels, call.request.input_size))};
      },
      [&](std::int64_t i, const std::vector<at::Tensor>& logits) {
        const Piece& piece = pieces[static_cast<std::size_t>(i)];
        for (std::size_t t = 0; t < scores.size(); ++t) {
          const at::Tensor values = target_values(logits[0], call.request.targets[t]) - base_values[t];
          scores[t][piece.image].index_copy_(0, piece.channels, values);
        }
      });
  return scores;
}

std::vector<at::Tensor> score_cam(const MethodCall& call) {
  const at::NoGradGuard no_graph;
  const at::Tensor a = call.places();
  const at::Tensor is_mask = are_masks(a);
  std::vector<at::Tensor> maps = score_cam_scores(call);
  for (at::Tensor& map : maps) {
    const at::Tensor shown = map.to(at::kDouble).masked_fill(is_mask.logical_not(), -HUGE_VAL);
    // No mask at all: 0 / 0, and then no weight either.
    const at::Tensor weights = shown.softmax(1).masked_fill(is_mask.logical_not(), 0).unsqueeze(2);
    map = (weights * a.flatten(2).to(at::kDouble)).sum(1).view_as(a.select(1, 0));
  }
  return maps;
}

}  // namespace rationale::explain
