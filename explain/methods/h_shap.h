// h-Shap: exact Shapley values of quadrants, and of the quadrants of those that matter.
#pragma once

#include <array>
#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// Shapley values of a game of four players. @param v  worth of each coalition; bit q is set where player q takes part
std::array<double, 4> shapley_of_four(const std::array<double, 16>& v);

/// h-Shap (Teneggi, Luster and Sulam, IEEE TPAMI 2022, doi:10.1109/TPAMI.2022.3194133, arXiv:2104.06164). A region of
/// the prepared input is a game of its four quadrants,
///
///   v(C) = t(f(only the quadrants in C are seen, 0 elsewhere))      phi_q = sum_C |C|! (3 - |C|)! / 4! (v(C + q) - v(C))
///
/// and quadrants with phi above 0.001 of the whole image's game (max v - min v) are games in turn, until their side
/// would fall below settings.window (0: an eighth of the shortest side). M_p is phi of the smallest region examined
/// that holds p. An intervention: 16 runs a game, at most 336 for an 8 x 8 grid; quadrants that do nothing cost nothing
/// more. phi of one level sum to v(all) - v(none) of their game, not to the logit of the image. Parts that matter only
/// together are found where their game has both, and can be lost below.
/// @return  [N,H,W] for each target, in units of the target. @throws Error (kRefused, "planes_only") for volumes
std::vector<at::Tensor> h_shap(const MethodCall& call);

}  // namespace rationale::explain
