#include "concepts/evidence/auc.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace rationale::concepts {

Eigen::VectorXd midranks(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return values(a) < values(b); });
  Eigen::VectorXd ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values(order[last + 1]) == values(order[first])) ++last;
    const double rank = static_cast<double>(first + last) / 2 + 1;
    for (std::size_t i = first; i <= last; ++i) ranks(order[i]) = rank;
    first = last + 1;
  }
  return ranks;
}

std::optional<double> auc(const Eigen::VectorXd& scores, const Eigen::VectorXd& labels) {
  double n_present = 0, rank_sum = 0;
  const Eigen::VectorXd ranks = midranks(scores);
  for (Eigen::Index i = 0; i < labels.size(); ++i) {
    if (labels(i) > 0.5) {
      n_present += 1;
      rank_sum += ranks(i);
    }
  }
  const double n_absent = static_cast<double>(labels.size()) - n_present;
  if (n_present == 0 || n_absent == 0) return std::nullopt;
  return (rank_sum - n_present * (n_present + 1) / 2) / (n_present * n_absent);
}

std::optional<AucInterval> delong_interval(const Eigen::VectorXd& scores,
                                           const Eigen::VectorXd& labels) {
  std::vector<double> present, absent;
  for (Eigen::Index i = 0; i < labels.size(); ++i) {
    (labels(i) > 0.5 ? present : absent).push_back(scores(i));
  }
  if (present.size() < 2 || absent.size() < 2) return std::nullopt;
  const Eigen::Map<const Eigen::VectorXd> x(present.data(),
                                            static_cast<Eigen::Index>(present.size()));
  const Eigen::Map<const Eigen::VectorXd> y(absent.data(),
                                            static_cast<Eigen::Index>(absent.size()));
  Eigen::VectorXd all(x.size() + y.size());
  all << x, y;
  const Eigen::VectorXd joint = midranks(all);
  const double m = static_cast<double>(x.size()), n = static_cast<double>(y.size());
  const Eigen::VectorXd v10 = (joint.head(x.size()) - midranks(x)) / n;
  const Eigen::VectorXd v01 = 1 - (joint.tail(y.size()) - midranks(y)).array() / m;
  AucInterval result;
  result.auc = v10.mean();
  result.n_present = static_cast<int>(present.size());
  result.n_absent = static_cast<int>(absent.size());
  const double variance = (v10.array() - v10.mean()).square().sum() / (m - 1) / m +
                          (v01.array() - v01.mean()).square().sum() / (n - 1) / n;
  if (result.auc >= 1 || result.auc <= 0) {
    const double bound = std::min(1.0, 3 / std::min(m, n));
    result.low = result.auc >= 1 ? 1 - bound : 0;
    result.high = result.auc >= 1 ? 1 : bound;
    return result;
  }
  const double half = 1.959963984540054 * std::sqrt(variance);
  result.low = std::max(0.0, result.auc - half);
  result.high = std::min(1.0, result.auc + half);
  return result;
}

}  // namespace rationale::concepts
