#include "study/statistics/primary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {
namespace {

constexpr double kTiny = 1e-24;        // mean squares below it are rounding
constexpr double kNoDifference = 1e-15;

std::optional<NotEstimable> no_difference(const Merits& m, bool needs_readers) {
  if (m.n_arms < 2) {
    return NotEstimable{"one_arm", "only one arm: there is no difference to test", {}, {}};
  }
  if (needs_readers && m.n_readers < 2) {
    NotEstimable verdict{"one_reader",
                         "one reader: reader variance cannot be estimated; see the fixed-reader analysis",
                         {}, {}};
    if (!m.has_holes()) verdict.estimate = *m.theta[1] - *m.theta[0];
    return verdict;
  }
  const auto nested = m.nested();
  if (nested && needs_readers && m.n_readers <= m.n_arms) {
    return NotEstimable{"one_reader_per_arm", "every arm has one reader: readers and arms cannot be told apart", {}, {}};
  }
  if (m.has_holes() && !nested) {
    return m.empty_cell();
  }
  return std::nullopt;
}

double mean_difference(const Merits& m) {
  if (const auto nested = m.nested()) {
    double sum[2] = {0, 0}, n[2] = {0, 0};
    for (std::size_t j = 0; j < nested->arm.size(); ++j) {
      if (nested->arm[j] > 1) continue;
      sum[nested->arm[j]] += nested->theta(static_cast<Eigen::Index>(j));
      n[nested->arm[j]] += 1;
    }
    return sum[1] / n[1] - sum[0] / n[0];
  }
  const Eigen::MatrixXd theta = m.table();
  return theta.row(1).mean() - theta.row(0).mean();
}

Outcome no_variance(double estimate) {
  if (std::abs(estimate) < kNoDifference) {
    return NotEstimable{"zero_variance_zero_difference",
                        "the arms do not differ and there is no error variance (0/0): no test, no p-value",
                        0.0, {}};
  }
  return NotEstimable{"zero_variance", "there is no error variance: the difference has no standard error",
                      estimate, {}};
}

}  // namespace

bool Merits::has_holes() const {
  return std::ranges::any_of(theta, [](const auto& one) { return !one; });
}

NotEstimable Merits::empty_cell() const {
  const auto name = [](const std::vector<std::string>& names, int place) {
    return names.empty() ? std::to_string(place + 1) : names[static_cast<std::size_t>(place)];
  };
  std::string who;
  for (int j = 0; j < n_readers; ++j) {
    for (int i = 0; i < n_arms; ++i) {
      if (theta[static_cast<std::size_t>(i * n_readers + j)]) continue;
      who += fmt::format("{}{} in arm {}", who.empty() ? "" : ", ", name(readers, j), name(arms, i));
    }
  }
  return {"empty_cell", fmt::format("no reading of {} cases by reader {}", cases, who), {}, {}};
}

Eigen::MatrixXd Merits::table() const {
  Eigen::MatrixXd result(n_arms, n_readers);
  for (int i = 0; i < n_arms; ++i) {
    for (int j = 0; j < n_readers; ++j) {
      result(i, j) = *theta[static_cast<std::size_t>(i * n_readers + j)];
    }
  }
  return result;
}

std::optional<NestedReaders> Merits::nested() const {
  NestedReaders result{Eigen::VectorXd(n_readers), {}, {}, n_arms};
  std::vector<int> cells, per_arm(static_cast<std::size_t>(n_arms), 0);
  for (int j = 0; j < n_readers; ++j) {
    for (int i = 0; i < n_arms; ++i) {
      const auto& value = theta[static_cast<std::size_t>(i * n_readers + j)];
      if (!value) continue;
      if (static_cast<int>(result.arm.size()) > j) return std::nullopt;
      result.arm.push_back(i);
      result.theta(j) = *value;
      cells.push_back(i * n_readers + j);
      ++per_arm[static_cast<std::size_t>(i)];
    }
    if (static_cast<int>(result.arm.size()) != j + 1) return std::nullopt;
  }
  if (n_arms < 2 || *std::ranges::min_element(per_arm) == 0) return std::nullopt;
  if (covariance) result.covariance = (*covariance)(cells, cells);
  result.cells = std::move(cells);
  return result;
}

Merits Merits::without_reader(int reader) const {
  Merits result{.theta = {}, .covariance = {}, .n_arms = n_arms, .n_readers = n_readers - 1, .cases = cases, .arms = arms,
                .readers = readers};
  if (!readers.empty()) result.readers.erase(result.readers.begin() + reader);
  std::vector<int> cells;
  for (int cell = 0; cell < n_arms * n_readers; ++cell) {
    if (cell % n_readers == reader) continue;
    cells.push_back(cell);
    result.theta.push_back(theta[static_cast<std::size_t>(cell)]);
  }
  if (covariance) result.covariance = (*covariance)(cells, cells);
  return result;
}

Outcome difference_rrrc(const Merits& m) {
  if (const auto none = no_difference(m, true)) return *none;
  const double estimate = mean_difference(m);
  if (!m.covariance) {
    return NotEstimable{"no_case_covariance",
                        "fewer than two " + m.cases +
                            " cases: the covariance over cases cannot be estimated",
                        estimate, {}};
  }
  if (const auto nested = m.nested()) {
    const NestedResult result = nested_readers(*nested);
    return result.rrrc.test.denominator == 0 ? no_variance(estimate) : result.rrrc.differences.front().outcome;
  }
  const ObuchowskiRockette result = obuchowski_rockette(m.table(), *m.covariance);
  const double denominator = result.rrrc.test.denominator;
  if (denominator == 0) return no_variance(estimate);
  return tested(estimate, 2 * denominator / m.n_readers, result.rrrc.test.df2);
}

Outcome difference_rrfc(const Merits& m) {
  if (const auto none = no_difference(m, true)) return *none;
  const double estimate = mean_difference(m);
  if (auto nested = m.nested()) {
    nested->covariance = Eigen::MatrixXd::Zero(m.n_readers, m.n_readers);
    const NestedResult result = nested_readers(*nested);
    return result.rrfc.test.denominator == 0 ? no_variance(estimate) : result.rrfc.differences.front().outcome;
  }
  const Eigen::Index cells = m.n_arms * m.n_readers;
  const ObuchowskiRockette result = obuchowski_rockette(m.table(), Eigen::MatrixXd::Zero(cells, cells));
  return result.rrfc.test.denominator == 0 ? no_variance(estimate) : result.rrfc.differences.front().outcome;
}

Outcome difference_frrc(const Merits& m) {
  if (const auto none = no_difference(m, false)) return *none;
  const double estimate = mean_difference(m);
  if (!m.covariance) {
    return NotEstimable{"no_case_covariance", "fewer than two " + m.cases + " cases", estimate, {}};
  }
  if (m.n_arms > 2 && m.n_readers > 1 && !m.nested()) {  // as RRRC: one error term for all pairs
    const Analysis frrc = obuchowski_rockette(m.table(), *m.covariance).frrc;
    return std::abs(frrc.test.denominator) < kTiny ? no_variance(estimate) : frrc.differences.front().outcome;
  }
  // Weights of the mean over the readers that read in that arm.
  Eigen::VectorXd w = Eigen::VectorXd::Zero(m.n_arms * m.n_readers);
  for (int arm = 0; arm < 2; ++arm) {
    int n = 0;
    for (int j = 0; j < m.n_readers; ++j) n += m.theta[static_cast<std::size_t>(arm * m.n_readers + j)] ? 1 : 0;
    for (int j = 0; j < m.n_readers; ++j) {
      const int cell = arm * m.n_readers + j;
      if (m.theta[static_cast<std::size_t>(cell)]) w(cell) = (arm == 0 ? -1.0 : 1.0) / n;
    }
  }
  const double variance = w.dot(*m.covariance * w);
  const double scale = w.cwiseAbs().dot(m.covariance->cwiseAbs() * w.cwiseAbs());
  if (std::abs(variance) < 1e-12 * scale + kTiny) return no_variance(estimate);
  return tested(estimate, variance, std::nullopt);
}

}  // namespace rationale::study
