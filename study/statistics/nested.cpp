#include "study/statistics/nested.h"

#include <algorithm>

#include "data/base/error.h"

namespace rationale::study {
namespace {

constexpr double kZero = 1e-24;

double mean_of(double sum, double n) { return n > 0 ? sum / n : 0.0; }

void set_covariances(NestedResult& result, const NestedReaders& r) {
  double same = 0, other = 0, n_same = 0, n_other = 0;
  for (std::size_t j = 0; j < r.arm.size(); ++j) {
    for (std::size_t k = 0; k < r.arm.size(); ++k) {
      if (j == k) continue;
      const double value = r.covariance(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(k));
      (r.arm[j] == r.arm[k] ? same : other) += value;
      (r.arm[j] == r.arm[k] ? n_same : n_other) += 1;
    }
  }
  result.var = r.covariance.diagonal().mean();
  result.cov2 = mean_of(same, n_same);
  result.cov3 = mean_of(other, n_other);
}

GlobalTest global_test(double mean_square, double denominator, double df1, std::optional<double> df2) {
  GlobalTest test{denominator, {}, df1, df2, 1};
  if (denominator < kZero) return test;
  test.f = mean_square / denominator;
  test.p = f_tail(*test.f, df1, df2);
  return test;
}

}  // namespace

NestedResult nested_readers(const NestedReaders& r) {
  Eigen::VectorXd size = Eigen::VectorXd::Zero(r.n_arms), sum = size;
  for (std::size_t j = 0; j < r.arm.size(); ++j) {
    size(r.arm[j]) += 1;
    sum(r.arm[j]) += r.theta(static_cast<Eigen::Index>(j));
  }
  const double n = size.sum();
  const int n_arms = r.n_arms;
  if (n_arms < 2 || size.minCoeff() < 1 || n <= n_arms) {
    throw Error(Error::Kind::kInput, "readers nested in arms: two arms, and an arm with two readers, are needed");
  }
  NestedResult result;
  result.arm_mean = sum.cwiseQuotient(size);
  const double grand = r.theta.mean();
  for (Eigen::Index i = 0; i < n_arms; ++i) {
    result.ms_arm += size(i) * (result.arm_mean(i) - grand) * (result.arm_mean(i) - grand) / (n_arms - 1);
  }
  for (std::size_t j = 0; j < r.arm.size(); ++j) {
    const double off = r.theta(static_cast<Eigen::Index>(j)) - result.arm_mean(r.arm[j]);
    result.ms_reader += off * off / (n - n_arms);
  }
  if (result.ms_reader < kZero) result.ms_reader = 0;
  set_covariances(result, r);
  const double c = result.readers_per_arm = (n * n - size.squaredNorm()) / (n * (n_arms - 1));
  const double shared = result.cov2 - result.cov3, clamped = std::max(shared, 0.0);
  const double ms = result.ms_reader, df_readers = n - n_arms, df1 = n_arms - 1;
  const auto satterthwaite = [&](double total, double part) {
    return part > 0 ? std::optional<double>(total * total * df_readers / (part * part)) : std::nullopt;
  };
  const double random = ms + c * clamped;
  result.rrrc.test = global_test(result.ms_arm, random, df1, satterthwaite(random, ms));
  result.rrfc.test = global_test(result.ms_arm, ms, df1, df_readers);
  result.frrc.test = global_test(result.ms_arm, result.var - result.cov2 + c * shared, df1, std::nullopt);
  for (int a = 0; a < n_arms; ++a) {
    for (int b = a + 1; b < n_arms; ++b) {
      const double estimate = result.arm_mean(b) - result.arm_mean(a);
      const double readers = ms * (1 / size(a) + 1 / size(b)), total = readers + 2 * clamped;
      Eigen::VectorXd w = Eigen::VectorXd::Zero(r.theta.size());
      for (std::size_t j = 0; j < r.arm.size(); ++j) {
        if (r.arm[j] == a) w(static_cast<Eigen::Index>(j)) = -1 / size(a);
        if (r.arm[j] == b) w(static_cast<Eigen::Index>(j)) = 1 / size(b);
      }
      result.rrrc.differences.push_back({a, b, tested(estimate, total, satterthwaite(total, readers))});
      result.rrfc.differences.push_back({a, b, tested(estimate, readers, df_readers)});
      result.frrc.differences.push_back({a, b, tested(estimate, w.dot(r.covariance * w), std::nullopt)});
    }
  }
  return result;
}

}  // namespace rationale::study
