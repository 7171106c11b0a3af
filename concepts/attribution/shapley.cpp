#include "concepts/attribution/shapley.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "data/base/error.h"

namespace rationale::concepts {

std::vector<Eigen::MatrixXd> what_if_values(const Suffix& suffix, const Eigen::MatrixXd& features,
                                            const std::vector<Eigen::MatrixXd>& footprints,
                                            Eigen::Index rows_at_once) {
  if (footprints.size() > 20) {
    throw Error(Error::Kind::kInput, "exact Shapley values of more than 20 players");
  }
  const Eigen::Index n = features.rows();
  const Eigen::Index n_subsets = Eigen::Index{1} << footprints.size();
  std::vector<Eigen::MatrixXd> values(static_cast<std::size_t>(suffix.n_outputs()),
                                      Eigen::MatrixXd(n, n_subsets));
  const Eigen::Index at_once = std::clamp<Eigen::Index>(rows_at_once / n, 1, n_subsets);
  for (Eigen::Index first = 0; first < n_subsets; first += at_once) {
    const Eigen::Index count = std::min(at_once, n_subsets - first);
    Eigen::MatrixXd rows(n * count, features.cols());  // sample-major: blocks of `count` subsets
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index s = 0; s < count; ++s) {
        const Eigen::Index row = i * count + s;
        rows.row(row) = features.row(i);
        for (std::size_t k = 0; k < footprints.size(); ++k) {
          const bool is_in = ((first + s) >> k & 1) != 0;
          if (!is_in) rows.row(row) -= footprints[k].row(i);
        }
      }
    }
    const Eigen::MatrixXd outputs = suffix.value(rows);
    for (std::size_t o = 0; o < values.size(); ++o) {
      for (Eigen::Index i = 0; i < n; ++i) {
        values[o].row(i).segment(first, count) =
            outputs.col(static_cast<Eigen::Index>(o)).segment(i * count, count).transpose();
      }
    }
  }
  return values;
}

Eigen::MatrixXd shapley_values(const Eigen::MatrixXd& values) {
  const int n_players = std::countr_zero(static_cast<std::uint64_t>(values.cols()));
  std::vector<double> weights(static_cast<std::size_t>(n_players));  // |S|! (K-1-|S|)! / K!
  for (int size = 0; size < n_players; ++size) {
    weights[static_cast<std::size_t>(size)] =
        std::exp(std::lgamma(size + 1.0) + std::lgamma(n_players - size) -
                 std::lgamma(n_players + 1.0));
  }
  // The weights of one player sum to 1 over all subsets; lgamma loses a digit or two, so make it exact.
  double total = 0, subsets = 1;
  for (int size = 0; size < n_players; ++size) {
    total += subsets * weights[static_cast<std::size_t>(size)];
    subsets = subsets * (n_players - 1 - size) / (size + 1);
  }
  Eigen::MatrixXd phi = Eigen::MatrixXd::Zero(values.rows(), n_players);
  for (int k = 0; k < n_players; ++k) {
    const Eigen::Index bit = Eigen::Index{1} << k;
    for (Eigen::Index subset = 0; subset < values.cols(); ++subset) {
      if ((subset & bit) != 0) continue;
      const auto size = static_cast<std::size_t>(std::popcount(static_cast<std::uint64_t>(subset)));
      phi.col(k) += weights[size] / total * (values.col(subset | bit) - values.col(subset));
    }
  }
  return phi;
}

Eigen::MatrixXd single_effects(const Suffix& suffix, const Eigen::MatrixXd& features,
                               const std::vector<Eigen::MatrixXd>& footprints,
                               Eigen::Index output) {
  const Eigen::VectorXd whole = suffix.value(features).col(output);
  Eigen::MatrixXd effects(features.rows(), static_cast<Eigen::Index>(footprints.size()));
  for (std::size_t k = 0; k < footprints.size(); ++k) {
    effects.col(static_cast<Eigen::Index>(k)) =
        whole - suffix.value(features - footprints[k]).col(output);
  }
  return effects;
}

std::vector<Eigen::MatrixXd> footprints_of(const Eigen::MatrixXd& patterns,
                                           const Eigen::MatrixXd& changes) {
  std::vector<Eigen::MatrixXd> footprints;
  for (Eigen::Index k = 0; k < patterns.cols(); ++k) {
    footprints.emplace_back(changes.col(k) * patterns.col(k).transpose());
  }
  return footprints;
}

}  // namespace rationale::concepts
