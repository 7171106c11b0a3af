#include "study/statistics/bootstrap.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <numeric>

#include "data/samples/stream.h"
#include "study/statistics/in_parallel.h"

namespace rationale::study {
namespace {

using Matrix = Eigen::MatrixXd;
using Index = Eigen::Index;

constexpr std::uint64_t kCases = 1, kReaders = 2;  // streams of one replicate

std::vector<std::vector<int>> members_of(const std::vector<int>& stratum) {
  std::map<int, std::vector<int>> members;
  for (std::size_t p = 0; p < stratum.size(); ++p) members[stratum[p]].push_back(static_cast<int>(p));
  std::vector<std::vector<int>> result;
  for (auto& [number, some] : members) result.push_back(std::move(some));
  return result;
}

/// How often each of n is drawn when as many are drawn from each stratum as it has.
void draw(const std::vector<std::vector<int>>& strata, samples::Stream& stream, std::vector<double>& weight) {
  std::ranges::fill(weight, 0.0);
  for (const auto& members : strata) {
    const auto n = static_cast<double>(members.size());
    for (std::size_t k = 0; k < members.size(); ++k) {
      weight[static_cast<std::size_t>(members[static_cast<std::size_t>(stream.uniform() * n)])] += 1;
    }
  }
}

/// @param theta_of  (weights of patients, column to fill) → whether every cell had cases
template <typename ThetaOf>
Replicates resampled(Index cells, std::vector<int> stratum, const BootstrapPlan& plan, const ThetaOf& theta_of) {
  const auto strata = members_of(stratum);
  const auto n = static_cast<std::size_t>(plan.replicates);
  Matrix all(cells, plan.replicates);
  std::vector<char> is_kept(n, 0);
  in_parallel(n, plan.threads, [&](std::size_t b) {
    samples::Stream stream(plan.seed, b, kCases);
    std::vector<double> weight(stratum.size());
    draw(strata, stream, weight);
    is_kept[b] = theta_of(weight, all.col(static_cast<Index>(b))) ? 1 : 0;
  });
  Replicates result;
  result.stratum = std::move(stratum);
  for (std::size_t b = 0; b < n; ++b) {
    if (is_kept[b] != 0) result.numbers.push_back(static_cast<int>(b));
  }
  result.n_dropped = plan.replicates - static_cast<int>(result.numbers.size());
  result.theta = all(Eigen::all, result.numbers);
  return result;
}

/// A cell's readings in order of rating.
struct Reading {
  std::size_t patient;
  bool is_diseased, is_last_of_tie;
};

std::vector<Reading> ordered(const CaseReadings& normal, const CaseReadings& diseased, const Patients& patients,
                             Index cell) {
  std::vector<std::pair<double, Reading>> readings;
  const auto add = [&](const CaseReadings& of, const std::vector<int>& patient, bool is_diseased) {
    for (Index k = 0; k < of.value.cols(); ++k) {
      if (of.read(cell, k) == 0) continue;
      readings.push_back({of.value(cell, k),
                          {static_cast<std::size_t>(patient[static_cast<std::size_t>(k)]), is_diseased, false}});
    }
  };
  add(normal, patients.normal, false);
  add(diseased, patients.diseased, true);
  std::ranges::stable_sort(readings, {}, [](const auto& one) { return one.first; });
  std::vector<Reading> result;
  for (std::size_t k = 0; k < readings.size(); ++k) {
    Reading one = readings[k].second;
    one.is_last_of_tie = k + 1 == readings.size() || readings[k + 1].first > readings[k].first;
    result.push_back(one);
  }
  return result;
}

std::optional<double> weighted_auc(const std::vector<Reading>& readings, const std::vector<double>& weight) {
  double wins = 0, below = 0, normals = 0, diseased = 0, all_diseased = 0;
  for (const Reading& one : readings) {
    (one.is_diseased ? diseased : normals) += weight[one.patient];
    if (!one.is_last_of_tie) continue;
    wins += diseased * (below + normals / 2);
    below += normals;
    all_diseased += diseased;
    normals = diseased = 0;
  }
  if (below == 0 || all_diseased == 0) return std::nullopt;
  return wins / (below * all_diseased);
}

/// sums less each patient's share over counts less each patient's; empty where a count becomes 0.
Matrix left_out(const Eigen::VectorXd& sum, const Matrix& own_sum, const Matrix& count_left) {
  if (count_left.size() == 0 || count_left.minCoeff() <= 0) return {};
  return (sum.replicate(1, own_sum.cols()) - own_sum).cwiseQuotient(count_left);
}

/// Shares of sums over patients.
Replicates resampled_shares(const PatientReadings& patients, const std::vector<int>& stratum, const BootstrapPlan& plan) {
  const Index cells = patients.value.rows(), n = patients.value.cols();
  Replicates result = resampled(cells, stratum, plan, [&](const std::vector<double>& weight, auto column) {
    const Eigen::Map<const Eigen::VectorXd> w(weight.data(), n);
    const Eigen::VectorXd read = patients.read * w;
    if (read.minCoeff() <= 0) return false;
    column = (patients.value * w).cwiseQuotient(read);
    return true;
  });
  const Eigen::VectorXd sum = patients.value.rowwise().sum(), count = patients.read.rowwise().sum();
  result.without = left_out(sum, patients.value, count.replicate(1, n) - patients.read);
  return result;
}

/// 1 normal, 2 diseased, 3 both.
std::vector<int> strata_of(const Patients& patients) {
  std::vector<int> stratum(static_cast<std::size_t>(patients.n), 0);
  for (const int patient : patients.normal) stratum[static_cast<std::size_t>(patient)] |= 1;
  for (const int patient : patients.diseased) stratum[static_cast<std::size_t>(patient)] |= 2;
  return stratum;
}

double quantile_of(const std::vector<double>& sorted, double q) {
  const double place = q * (static_cast<double>(sorted.size()) + 1) - 1;
  const double inside = std::clamp(place, 0.0, static_cast<double>(sorted.size()) - 1);
  const auto low = static_cast<std::size_t>(inside);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (inside - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// Sums of squares and cubes of one sample's influence values on the difference, over n^2 and n^3.
struct Influence {
  double squares = 0, cubes = 0;

  void add(const std::vector<double>& without) {
    const auto n = static_cast<double>(without.size());
    if (n < 2) return;
    const double mean = std::accumulate(without.begin(), without.end(), 0.0) / n;
    for (const double one : without) {
      const double influence = (n - 1) * (mean - one) / n;
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
  }
};

std::variant<Limits, NotEstimable> bca(const std::vector<double>& sorted, double estimate, const Influence& influence) {
  const boost::math::normal normal;
  const auto below = std::ranges::count_if(sorted, [&](double one) { return one < estimate; });
  const auto equal = std::ranges::count_if(sorted, [&](double one) { return one == estimate; });
  const double share = (static_cast<double>(below) + static_cast<double>(equal) / 2) / static_cast<double>(sorted.size());
  if (share <= 0 || share >= 1 || !(influence.squares > 0)) {
    return NotEstimable{"no_bias_correction", "the replicates do not spread around the estimate", estimate, {}};
  }
  const double z0 = quantile(normal, share), a = influence.cubes / (6 * std::pow(influence.squares, 1.5));
  const auto place = [&](double q) {
    const double z = z0 + quantile(normal, q);
    return cdf(normal, z0 + z / (1 - a * z));
  };
  return Limits{quantile_of(sorted, place(0.025)), quantile_of(sorted, place(0.975))};
}

/// Numbers of readers whose means over groups add up to a difference, with a sign each.
struct ReaderNumbers {
  Eigen::VectorXd own;      ///< [readers]
  Matrix replicated;        ///< [readers, replicates kept]
  Matrix without;           ///< [readers, patients], or empty
  std::vector<int> group;   ///< of each reader
  std::vector<double> sign;  ///< of each group

  /// @param weight  of readers; of each group they add up to its size
  template <typename Column>
  double total(const Column& column, const std::vector<double>& weight) const {
    std::vector<double> sum(sign.size(), 0), n(sign.size(), 0);
    for (std::size_t j = 0; j < group.size(); ++j) {
      const auto g = static_cast<std::size_t>(group[j]);
      sum[g] += weight[j] * column(static_cast<Index>(j));
      n[g] += 1;
    }
    double result = 0;
    for (std::size_t g = 0; g < sign.size(); ++g) result += sign[g] * sum[g] / n[g];
    return result;
  }
};

BootstrapDifference bootstrap_of(const ReaderNumbers& numbers, const Replicates& replicates, bool is_two_way,
                                 const BootstrapPlan& plan) {
  const auto readers = members_of(numbers.group);
  const std::vector<double> once(numbers.group.size(), 1.0);
  std::vector<double> values, weight = once;
  for (Index b = 0; b < numbers.replicated.cols(); ++b) {
    if (is_two_way) {
      samples::Stream stream(plan.seed, static_cast<std::uint64_t>(replicates.numbers[static_cast<std::size_t>(b)]), kReaders);
      draw(readers, stream, weight);
    }
    values.push_back(numbers.total(numbers.replicated.col(b), weight));
  }
  BootstrapDifference result;
  result.estimate = numbers.total(numbers.own, once);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  for (const double one : values) {
    result.variance += (one - mean) * (one - mean) / (static_cast<double>(values.size()) - 1);
  }
  std::ranges::sort(values);
  result.percentile = {quantile_of(values, 0.025), quantile_of(values, 0.975)};
  if (numbers.without.size() == 0) {
    result.bca = NotEstimable{"no_jackknife", "a reader's figure rests on one patient", result.estimate, {}};
    return result;
  }
  Influence influence;
  for (const auto& members : members_of(replicates.stratum)) {
    std::vector<double> some;
    for (const int patient : members) some.push_back(numbers.total(numbers.without.col(patient), once));
    influence.add(some);
  }
  if (is_two_way) {
    for (std::size_t g = 0; g < readers.size(); ++g) {
      const auto n = static_cast<double>(readers[g].size());
      if (n < 2) continue;
      double sum = 0;
      for (const int j : readers[g]) sum += numbers.own(j);
      std::vector<double> some;
      for (const int j : readers[g]) some.push_back(numbers.sign[g] * (sum - numbers.own(j)) / (n - 1));
      influence.add(some);
    }
  }
  result.bca = bca(values, result.estimate, influence);
  return result;
}

}  // namespace

Replicates resample_auc(const CaseReadings& normal, const CaseReadings& diseased, const PairSums& s,
                        const BootstrapPlan& plan) {
  const Index cells = normal.value.rows();
  const Patients& patients = s.patients;
  std::vector<std::vector<Reading>> readings;
  for (Index cell = 0; cell < cells; ++cell) readings.push_back(ordered(normal, diseased, patients, cell));
  Replicates result = resampled(cells, strata_of(patients), plan, [&](const std::vector<double>& weight, auto column) {
    for (Index cell = 0; cell < cells; ++cell) {
      const auto value = weighted_auc(readings[static_cast<std::size_t>(cell)], weight);
      if (!value) return false;
      column(cell) = *value;
    }
    return true;
  });
  const Matrix own = summed_columns(s.by_diseased, patients.diseased, patients.n) +
                     summed_columns(s.by_normal, patients.normal, patients.n) - s.within;
  const Matrix read1 = summed_columns(s.diseased_read, patients.diseased, patients.n);
  const Matrix read0 = summed_columns(s.normal_read, patients.normal, patients.n);
  const auto others = [&](const Matrix& read) -> Matrix {
    return Eigen::VectorXd(read.rowwise().sum()).replicate(1, patients.n) - read;
  };
  result.without = left_out(s.total, own, others(read1).cwiseProduct(others(read0)));
  return result;
}

Replicates resample_proportion(const CaseReadings& readings, const BootstrapPlan& plan) {
  const PatientReadings patients = by_patient(readings);
  return resampled_shares(patients, std::vector<int>(static_cast<std::size_t>(patients.read.cols()), 0), plan);
}

Replicates resample_accuracy(const RightCalls& right, const BootstrapPlan& plan) {
  const Patients patients = patients_of(right.normal, right.diseased);
  const auto sums = [&](const Matrix& normal, const Matrix& diseased) -> Matrix {
    return summed_columns(normal, patients.normal, patients.n) + summed_columns(diseased, patients.diseased, patients.n);
  };
  return resampled_shares({sums(right.normal.value, right.diseased.value), sums(right.normal.read, right.diseased.read)},
                          strata_of(patients), plan);
}

Matrix covariance_bootstrap(const Replicates& replicates) {
  const Matrix centred = replicates.theta.colwise() - replicates.theta.rowwise().mean();
  return centred * centred.transpose() / static_cast<double>(centred.cols() - 1);
}

BootstrapDifference bootstrap_difference(const Matrix& theta, const Replicates& replicates, bool is_two_way,
                                         const BootstrapPlan& plan) {
  const Index n_readers = theta.cols();
  const auto difference_of = [&](const Matrix& cells) -> Matrix {
    return cells.middleRows(n_readers, n_readers) - cells.topRows(n_readers);
  };
  const std::vector<int> one_group(static_cast<std::size_t>(n_readers), 0);
  return bootstrap_of({(theta.row(1) - theta.row(0)).transpose(), difference_of(replicates.theta),
                       replicates.without.size() == 0 ? Matrix() : difference_of(replicates.without), one_group, {1.0}},
                      replicates, is_two_way, plan);
}

BootstrapDifference bootstrap_difference(const Eigen::VectorXd& theta, const std::vector<int>& arm, const Replicates& replicates,
                                         bool is_two_way, const BootstrapPlan& plan) {
  return bootstrap_of({theta, replicates.theta, replicates.without, arm, {-1.0, 1.0}}, replicates, is_two_way, plan);
}

}  // namespace rationale::study
