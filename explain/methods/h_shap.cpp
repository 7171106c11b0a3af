#include "explain/methods/h_shap.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "data/base/error.h"
#include "explain/methods/method_call.h"
#include "explain/methods/pieces.h"
#include "explain/model/targets.h"

namespace rationale::explain {
namespace {

constexpr std::int64_t kCells = 8;        // a side, where no smallest region is asked for
constexpr double kSmallestPart = 0.001;   // of the whole image's game: less is rounding

/// A region whose quadrants play, and the targets for which it was opened.
struct Game {
  std::int64_t row = 0, col = 0, rows = 0, cols = 0;
  std::vector<bool> is_open;
};

/// Quadrant q: bit 0 is the right half, bit 1 the lower one.
Game quadrant(const Game& game, std::size_t q) {
  const std::int64_t upper = game.rows / 2, left = game.cols / 2;
  const bool is_right = (q & 1U) != 0, is_lower = (q & 2U) != 0;
  return {game.row + (is_lower ? upper : 0), game.col + (is_right ? left : 0), is_lower ? game.rows - upper : upper,
          is_right ? game.cols - left : left, std::vector<bool>(game.is_open.size(), false)};
}

at::Tensor inside(const at::Tensor& planes, const Game& region) {
  return planes.narrow(-2, region.row, region.rows).narrow(-1, region.col, region.cols);
}

/// All 16 coalitions of a game. @param image  [C,H,W]  @return  [16,C,H,W]
at::Tensor coalitions(const at::Tensor& image, const Game& game) {
  const at::Tensor seen = at::zeros_like(image).unsqueeze(0).repeat({16, 1, 1, 1});
  for (std::size_t q = 0; q < 4; ++q) {
    const Game part = quadrant(game, q);
    for (std::int64_t c = 0; c < 16; ++c) {
      if ((static_cast<std::size_t>(c) >> q & 1U) != 0) inside(seen[c], part).copy_(inside(image, part));
    }
  }
  return seen;
}

/// v of one target, from the outputs of all coalitions.
std::array<double, 16> worths(const at::Tensor& logits, const Target& target) {
  const at::Tensor values = target_values(logits, target).to(at::kCPU, at::kDouble).contiguous();
  std::array<double, 16> v{};
  std::copy_n(values.data_ptr<double>(), v.size(), v.begin());
  return v;
}

class ImageGames {
 public:
  ImageGames(const MethodCall& call, at::Tensor image, std::int64_t smallest)
      : call_(call), image_(std::move(image)), smallest_(smallest), least_(call.request.targets.size(), 0) {
    const Shape sides = image_.sizes().slice(1).vec();
    for (std::size_t t = 0; t < least_.size(); ++t) maps_.push_back(at::zeros(sides, at::kDouble));
    games_.push_back({0, 0, sides[0], sides[1], std::vector<bool>(least_.size(), true)});
  }

  /// [H,W] for each target.
  std::vector<at::Tensor> run() {
    for (bool is_whole = true; !games_.empty(); is_whole = false) {
      std::vector<Game> next;
      // A game is one batch, whatever else is open: neither other targets nor other images change its numbers.
      in_order(
          call_, static_cast<std::int64_t>(games_.size()),
          [&](std::int64_t i) -> std::vector<at::Tensor> {
            const at::NoGradGuard also_here;
            return {call_.model.scores(coalitions(image_, games_[static_cast<std::size_t>(i)]))};
          },
          [&](std::int64_t i, const std::vector<at::Tensor>& logits) {
            play(games_[static_cast<std::size_t>(i)], logits[0], is_whole, next);
          });
      games_ = std::move(next);
    }
    return maps_;
  }

 private:
  void play(const Game& game, const at::Tensor& logits, bool is_whole, std::vector<Game>& next) {
    std::vector<Game> parts;
    for (std::size_t q = 0; q < 4; ++q) parts.push_back(quadrant(game, q));
    for (std::size_t t = 0; t < maps_.size(); ++t) {
      if (!game.is_open[t]) continue;
      const std::array<double, 16> v = worths(logits, call_.request.targets[t]);
      const auto [low, high] = std::minmax_element(v.begin(), v.end());
      if (is_whole) least_[t] = kSmallestPart * (*high - *low);
      const std::array<double, 4> phi = shapley_of_four(v);
      for (std::size_t q = 0; q < 4; ++q) {
        inside(maps_[t], parts[q]).fill_(phi[q]);
        parts[q].is_open[t] = phi[q] > least_[t];
      }
    }
    for (const Game& part : parts) {
      const bool is_large = std::min(part.rows, part.cols) / 2 >= smallest_;
      if (is_large && std::find(part.is_open.begin(), part.is_open.end(), true) != part.is_open.end()) {
        next.push_back(part);
      }
    }
  }

  const MethodCall& call_;
  at::Tensor image_;
  std::int64_t smallest_;
  std::vector<double> least_;  ///< by target: phi that opens a quadrant
  std::vector<at::Tensor> maps_;
  std::vector<Game> games_;
};

}  // namespace

std::array<double, 4> shapley_of_four(const std::array<double, 16>& v) {
  constexpr std::array<double, 4> kWeights{6.0 / 24, 2.0 / 24, 2.0 / 24, 6.0 / 24};  // |C|! (3 - |C|)! / 4!
  std::array<double, 4> phi{};
  for (std::size_t q = 0; q < 4; ++q) {
    for (std::size_t c = 0; c < 16; ++c) {
      if ((c >> q & 1U) != 0) continue;
      const std::size_t size = (c & 1U) + (c >> 1U & 1U) + (c >> 2U & 1U) + (c >> 3U & 1U);
      phi[q] += kWeights[size] * (v[c | std::size_t{1} << q] - v[c]);
    }
  }
  return phi;
}

std::vector<at::Tensor> h_shap(const MethodCall& call) {
  const at::NoGradGuard no_graph;
  const at::Tensor& x = call.activation();
  if (x.dim() != 4) {
    throw Error(Error::Kind::kRefused, "h-Shap plays with quadrants of planes, the input has other axes", "--method",
                "take occlusion_pixel or rise")
        .with_code("planes_only");
  }
  const std::int64_t shortest = std::min(x.size(2), x.size(3));
  const std::int64_t smallest = std::max<std::int64_t>(
      1, call.request.settings.window > 0 ? call.request.settings.window : shortest / kCells);
  std::vector<std::vector<at::Tensor>> maps(call.request.targets.size());  // [target][image]
  for (const at::Tensor& image : x.unbind(0)) {
    const std::vector<at::Tensor> some = ImageGames(call, image, smallest).run();
    for (std::size_t t = 0; t < some.size(); ++t) maps[t].push_back(some[t]);
  }
  std::vector<at::Tensor> result;
  for (const auto& each : maps) result.push_back(at::stack(each));
  return result;
}

}  // namespace rationale::explain
