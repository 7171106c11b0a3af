// Folds, permutations and resamples that keep a patient's images together.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "concepts/training/gram.h"

namespace rationale::concepts {

/// Fold 0 … n_folds-1 of each row, whole groups (patients) together. Groups are dealt out rarest label
/// first, each to the fold that still lacks most of that label (Sechidis et al., ECML 2011), so that a rare
/// concept is in every fold. @param groups  any numbers, equal = same patient
std::vector<int> folds_by_group(const std::vector<int>& groups, const Eigen::MatrixXd& labels,
                                int n_folds, std::uint64_t seed);

/// `count` permutations of the rows for a rank test. Rows move only within their stratum; patients with
/// several images in one stratum move as a block, exchanged with patients of as many images there.
/// @param strata  stratum number of each row
std::vector<RowIndices> permutations_by_group(const std::vector<int>& groups,
                                              const std::vector<int>& strata, int count,
                                              std::uint64_t seed);

/// `count` resamples of whole patients, with replacement.
std::vector<RowIndices> resamples_by_group(const std::vector<int>& groups, int count,
                                           std::uint64_t seed);

}  // namespace rationale::concepts
