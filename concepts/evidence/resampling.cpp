#include "concepts/evidence/resampling.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "concepts/evidence/random.h"

namespace rationale::concepts {
namespace {

enum Stream : std::uint64_t { kFolds = 1, kPermutations = 2, kResamples = 3 };

/// Rows of each group, groups in the order of their first row.
std::vector<RowIndices> rows_of_groups(const std::vector<int>& groups) {
  std::map<int, std::size_t> places;
  std::vector<RowIndices> rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto [place, is_new] = places.emplace(groups[i], rows.size());
    if (is_new) rows.emplace_back();
    rows[place->second].push_back(static_cast<Eigen::Index>(i));
  }
  return rows;
}

}  // namespace

std::vector<int> folds_by_group(const std::vector<int>& groups, const Eigen::MatrixXd& labels,
                                int n_folds, std::uint64_t seed) {
  std::vector<RowIndices> rows = rows_of_groups(groups);
  Random random(seed, kFolds);
  random.shuffle(rows);

  const Eigen::Index n_labels = labels.cols();
  Eigen::MatrixXd sums(static_cast<Eigen::Index>(rows.size()), n_labels);
  for (std::size_t g = 0; g < rows.size(); ++g) {
    sums.row(static_cast<Eigen::Index>(g)).setZero();
    for (const Eigen::Index row : rows[g]) sums.row(static_cast<Eigen::Index>(g)) += labels.row(row);
  }
  const Eigen::RowVectorXd totals = sums.colwise().sum();
  // The rarest label a group has decides when it is dealt out; groups without any label come last.
  std::vector<Eigen::Index> rarest(rows.size(), -1);
  std::vector<double> rarity(rows.size(), std::numeric_limits<double>::max());
  for (std::size_t g = 0; g < rows.size(); ++g) {
    for (Eigen::Index k = 0; k < n_labels; ++k) {
      if (sums(static_cast<Eigen::Index>(g), k) > 0 && totals(k) < rarity[g]) {
        rarity[g] = totals(k);
        rarest[g] = k;
      }
    }
  }
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rarity[a] < rarity[b]; });

  Eigen::MatrixXd lacking =
      (totals / n_folds).replicate(n_folds, 1);  // of each label, in each fold
  Eigen::VectorXd lacking_rows =
      Eigen::VectorXd::Constant(n_folds, static_cast<double>(groups.size()) / n_folds);
  std::vector<int> folds(groups.size(), 0);
  for (const std::size_t g : order) {
    int best = 0;
    for (int f = 1; f < n_folds; ++f) {
      const double gain = rarest[g] < 0 ? 0 : lacking(f, rarest[g]) - lacking(best, rarest[g]);
      if (gain > 1e-9 || (gain > -1e-9 && lacking_rows(f) > lacking_rows(best) + 1e-9)) best = f;
    }
    lacking.row(best) -= sums.row(static_cast<Eigen::Index>(g));
    lacking_rows(best) -= static_cast<double>(rows[g].size());
    for (const Eigen::Index row : rows[g]) folds[static_cast<std::size_t>(row)] = best;
  }
  return folds;
}

std::vector<RowIndices> permutations_by_group(const std::vector<int>& groups,
                                              const std::vector<int>& strata, int count,
                                              std::uint64_t seed) {
  // Blocks of rows of one patient in one stratum; blocks of equal size in a stratum are exchangeable.
  std::map<std::pair<int, int>, RowIndices> blocks;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    blocks[{strata[i], groups[i]}].push_back(static_cast<Eigen::Index>(i));
  }
  std::map<std::pair<int, std::size_t>, std::vector<RowIndices>> classes;
  for (const auto& [key, rows] : blocks) classes[{key.first, rows.size()}].push_back(rows);

  Random random(seed, kPermutations);
  std::vector<RowIndices> permutations;
  for (int p = 0; p < count; ++p) {
    RowIndices permutation(groups.size());
    for (const auto& [key, members] : classes) {
      std::vector<std::size_t> order(members.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      random.shuffle(order);
      for (std::size_t b = 0; b < members.size(); ++b) {
        for (std::size_t i = 0; i < members[b].size(); ++i) {
          permutation[static_cast<std::size_t>(members[b][i])] = members[order[b]][i];
        }
      }
    }
    permutations.push_back(std::move(permutation));
  }
  return permutations;
}

std::vector<RowIndices> resamples_by_group(const std::vector<int>& groups, int count,
                                           std::uint64_t seed) {
  const std::vector<RowIndices> rows = rows_of_groups(groups);
  Random random(seed, kResamples);
  std::vector<RowIndices> resamples;
  for (int b = 0; b < count; ++b) {
    RowIndices resample;
    for (std::size_t g = 0; g < rows.size(); ++g) {
      const RowIndices& drawn = rows[random.below(rows.size())];
      resample.insert(resample.end(), drawn.begin(), drawn.end());
    }
    resamples.push_back(std::move(resample));
  }
  return resamples;
}

}  // namespace rationale::concepts
