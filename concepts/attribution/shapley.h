// What if a concept were at its reference level? v(S) by re-running the suffix, and its Shapley values.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "concepts/attribution/suffix.h"

namespace rationale::concepts {

/// v(S) = g(h - sum_{k not in S} A_k dc_k): the logit with the players outside S moved to their reference.
/// A concept's footprint is A_k dc_k, dc_k = presence - reference. Activations are not clamped at 0, which
/// would break additivity.
///
/// @param features    h [N, D], one row a sample of the suffix (or any N for a suffix with one sample)
/// @param footprints  one matrix [N, D] a player: what is taken from h when the player leaves
/// @return  one matrix [N, 2^K] an output: column S is the bitmask, bit k = player k
/// @throws Error (kInput) for more than 20 players
std::vector<Eigen::MatrixXd> what_if_values(const Suffix& suffix, const Eigen::MatrixXd& features,
                                            const std::vector<Eigen::MatrixXd>& footprints,
                                            Eigen::Index rows_at_once = 4096);

/// phi_k = sum_{S without k} |S|! (K-1-|S|)! / K! (v(S + k) - v(S)), [N, K], from v [N, 2^K].
/// Efficiency: sum_k phi_k = v(all) - v(empty), to rounding.
Eigen::MatrixXd shapley_values(const Eigen::MatrixXd& values);

/// g(h) - g(h - A_k dc_k), [N, K], of one output: same signs, but it does not add up.
Eigen::MatrixXd single_effects(const Suffix& suffix, const Eigen::MatrixXd& features,
                               const std::vector<Eigen::MatrixXd>& footprints,
                               Eigen::Index output);

/// A_k dc_k for every row: `patterns` A [D, K], `changes` dc [N, K].
std::vector<Eigen::MatrixXd> footprints_of(const Eigen::MatrixXd& patterns,
                                           const Eigen::MatrixXd& changes);

}  // namespace rationale::concepts
