#include "study/statistics/bdg.h"

#include <algorithm>
#include <cmath>

namespace rationale::study {
namespace {

using Matrix = Eigen::MatrixXd;
using Index = Eigen::Index;
using Numbers = std::vector<double>;

/// Rows take sums over "at least that in common" to sums over "exactly that in common".
using Rows = std::vector<std::vector<int>>;
const Rows kOfProportion{{1}, {-1, 1}, {-1, 0, 1}, {1, -1, -1, 1}};
const Rows kOfAuc{{1},
                  {-1, 1},
                  {-1, 0, 1},
                  {1, -1, -1, 1},
                  {-1, 0, 0, 0, 1},
                  {1, -1, 0, 0, -1, 1},
                  {1, 0, -1, 0, -1, 0, 1},
                  {-1, 1, 1, -1, 1, -1, -1, 1}};

/// A source of variance by itself: which moments its component adds up, and whose coefficients tell n.
struct Factor {
  std::size_t moment;                    ///< its component: that biased moment less the last
  std::vector<std::size_t> coefficients;  ///< sum = 1/(n + 1)
};
const std::vector<Factor> kFactorsOfProportion{{1, {0, 1}}, {2, {0, 2}}};
const std::vector<Factor> kFactorsOfAuc{{6, {0, 2, 4, 6}}, {5, {0, 1, 4, 5}}, {3, {0, 1, 2, 3}}};

Numbers combined(const Rows& rows, const Numbers& sums) {
  Numbers result;
  for (const auto& row : rows) {
    double sum = 0;
    for (std::size_t k = 0; k < row.size(); ++k) sum += row[k] * sums[k];
    result.push_back(sum);
  }
  return result;
}

Moments moments(const Rows& rows, const Numbers& sums, const Numbers& counts) {
  const Numbers u = combined(rows, sums), v = combined(rows, counts);
  const double all = counts.back();
  Moments result;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    result.unbiased.push_back(v[k] == 0 ? 0 : u[k] / v[k]);
    result.biased.push_back(counts[k] == 0 ? 0 : sums[k] / counts[k]);
    result.coefficient.push_back((all == 0 ? 0 : v[k] / all) - (k + 1 == rows.size() ? 1 : 0));
    result.variance += result.coefficient[k] * result.unbiased[k];
    result.variance_biased += result.coefficient[k] * result.biased[k];
  }
  return result;
}

double coefficient_of(const Moments& m, const Factor& factor) {
  double sum = 0;
  for (const std::size_t k : factor.coefficients) sum += m.coefficient[k];
  return sum;
}

/// 0 where the arms do not share that factor (unpaired designs).
double component(const Moments& m, const Factor& factor) {
  if (std::abs(coefficient_of(m, factor)) < 1e-15) return 0;
  return m.biased[factor.moment] - m.biased.back();
}

double size_of(const Moments& m, const Factor& factor) {
  return std::nearbyint(1 / coefficient_of(m, factor) - 1);
}

/// Satterthwaite over the factors, at least the smallest n.
std::optional<double> degrees(double variance, const Numbers& components, const Numbers& sizes) {
  if (variance < 0) return std::nullopt;
  double sum = 0;
  for (std::size_t k = 0; k < sizes.size(); ++k) sum += std::pow(components[k], 2) / std::pow(sizes[k], 3);
  const double smallest = *std::ranges::min_element(sizes);
  if (smallest < 1 || !(sum > 0)) return std::nullopt;
  return std::max(variance * variance / sum, smallest);
}

std::optional<double> degrees(const Moments& m, const std::vector<Factor>& factors) {
  Numbers components, sizes;
  for (const Factor& factor : factors) {
    components.push_back(component(m, factor));
    sizes.push_back(size_of(m, factor));
  }
  return degrees(m.variance, components, sizes);
}

void add_difference(Bdg& result, const std::vector<Factor>& factors) {
  const Moments &one = result.arms[0], &two = result.arms[1], &cross = *result.cross;
  result.variance = one.variance + two.variance - 2 * cross.variance;
  result.variance_biased = one.variance_biased + two.variance_biased - 2 * cross.variance_biased;
  Numbers components, sizes;
  for (const Factor& factor : factors) {
    components.push_back(component(one, factor) + component(two, factor) - 2 * component(cross, factor));
    sizes.push_back(std::min(size_of(one, factor), size_of(two, factor)));
  }
  const double estimate = result.mean[1] - result.mean[0];
  result.difference = tested(estimate, result.variance, degrees(result.variance, components, sizes));
  result.ideal_bootstrap =
      tested(estimate, result.variance_biased, degrees(result.variance_biased, components, sizes));
}

/// @param moments_of  of two arms
template <typename MomentsOf>
void fill(Bdg& result, const std::vector<Index>& arms, const std::vector<Factor>& factors,
          const MomentsOf& moments_of) {
  for (const Index arm : arms) {
    result.arms.push_back(moments_of(arm, arm));
    result.df.push_back(degrees(result.arms.back(), factors));
  }
  if (arms.size() != 2) return;
  result.cross = moments_of(arms[0], arms[1]);
  add_difference(result, factors);
}

}  // namespace

Bdg auc_bdg(const PairSums& sums, const PairProducts& products, Index n_readers, const std::vector<Index>& arms) {
  Bdg result;
  const auto sums_of = [&](const std::array<Matrix, 4>& of, Index a, Index b) {
    Numbers same_reader, any_reader;
    for (const Matrix& matrix : of) {
      const auto block = matrix.block(a * n_readers, b * n_readers, n_readers, n_readers);
      same_reader.push_back(block.diagonal().sum());
      any_reader.push_back(block.sum());
    }
    same_reader.insert(same_reader.end(), any_reader.begin(), any_reader.end());
    return same_reader;
  };
  for (const Index arm : arms) {
    const auto cells = Eigen::seqN(arm * n_readers, n_readers);
    const double pairs = sums.diseased_read(cells, Eigen::all).rowwise().sum().dot(
        sums.normal_read(cells, Eigen::all).rowwise().sum());
    result.mean.push_back(sums.total(cells).sum() / pairs);
  }
  fill(result, arms, kFactorsOfAuc, [&](Index a, Index b) {
    return moments(kOfAuc, sums_of(products.psi, a, b), sums_of(products.count, a, b));
  });
  return result;
}

Bdg proportion_bdg(const CaseReadings& decisions, Index n_readers, const std::vector<Index>& arms) {
  const PatientReadings patients = by_patient(decisions);
  const auto rows = [&](const Matrix& matrix, Index arm) {
    return Matrix(matrix.middleRows(arm * n_readers, n_readers));
  };
  const auto sums_of = [](const Matrix& a, const Matrix& b) -> Numbers {
    return {a.cwiseProduct(b).sum(), a.colwise().sum().dot(b.colwise().sum()),
            a.rowwise().sum().dot(b.rowwise().sum()), a.sum() * b.sum()};
  };
  Bdg result;
  for (const Index arm : arms) {
    result.mean.push_back(rows(patients.value, arm).sum() / rows(patients.read, arm).sum());
  }
  fill(result, arms, kFactorsOfProportion, [&](Index a, Index b) {
    return moments(kOfProportion, sums_of(rows(patients.value, a), rows(patients.value, b)),
                   sums_of(rows(patients.read, a), rows(patients.read, b)));
  });
  return result;
}

}  // namespace rationale::study
