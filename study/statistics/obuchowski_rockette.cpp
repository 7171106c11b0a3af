#include "study/statistics/obuchowski_rockette.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/base/error.h"

namespace rationale::study {
namespace {

using Index = Eigen::Index;
using Df = std::optional<double>;

constexpr double kZero = 1e-24;

double without_rounding(double mean_square) { return mean_square < kZero ? 0.0 : mean_square; }

double sample_variance(const Eigen::VectorXd& values) {
  const double n = static_cast<double>(values.size());
  return without_rounding((values.array() - values.mean()).square().sum() / (n - 1));
}

GlobalTest global_test(double mean_square, double denominator, double df1, Df df2) {
  GlobalTest test{denominator, {}, df1, df2, 1};
  if (denominator < kZero) return test;
  test.f = mean_square / denominator;
  test.p = f_tail(*test.f, df1, df2);
  return test;
}

/// All pairs of arms with the same variance.
std::vector<Difference> differences(const Eigen::VectorXd& mean, double variance, Df df) {
  std::vector<Difference> result;
  for (Index a = 0; a < mean.size(); ++a) {
    for (Index b = a + 1; b < mean.size(); ++b) {
      result.push_back({static_cast<int>(a), static_cast<int>(b),
                        tested(mean(b) - mean(a), variance, df)});
    }
  }
  return result;
}

struct Cells {
  const Eigen::MatrixXd& covariance;
  Index n_arms, n_readers;

  double operator()(Index arm, Index reader, Index other_arm, Index other_reader) const {
    return covariance(arm * n_readers + reader, other_arm * n_readers + other_reader);
  }
};

void add_arms(ObuchowskiRockette& result, const Eigen::MatrixXd& theta, const Cells& cells) {
  const auto n = static_cast<double>(cells.n_readers);
  for (Index i = 0; i < cells.n_arms; ++i) {
    const double mean = result.arm_mean(i);
    const double spread = sample_variance(theta.row(i).transpose());
    double var = 0, cov2 = mean_between_readers(cells.covariance, cells.n_readers, i, i);
    for (Index j = 0; j < cells.n_readers; ++j) var += cells(i, j, i, j) / n;
    if (std::abs(cov2) < 1e-12 * std::abs(var)) cov2 = 0;  // rounding
    const double own = spread + std::max(n * cov2, 0.0);
    const Df df = spread > 0 ? Df(own * own * (n - 1) / (spread * spread)) : Df();
    result.rrrc.arms.push_back({spread, cov2, tested(mean, own / n, df)});
    result.rrfc.arms.push_back({spread, cov2, tested(mean, spread / n, n - 1)});
    const double fixed = (var + (n - 1) * std::max(cov2, 0.0)) / n;
    result.frrc.arms.push_back({var, cov2, tested(mean, fixed, Df())});
  }
}

void add_readers(ObuchowskiRockette& result, const Eigen::MatrixXd& theta, const Cells& cells) {
  for (Index j = 0; j < cells.n_readers; ++j) {
    std::vector<Difference> pairs;
    for (Index a = 0; a < cells.n_arms; ++a) {
      for (Index b = a + 1; b < cells.n_arms; ++b) {
        const double variance = cells(a, j, a, j) + cells(b, j, b, j) - 2 * cells(a, j, b, j);
        pairs.push_back({static_cast<int>(a), static_cast<int>(b),
                         tested(theta(b, j) - theta(a, j), variance, Df())});
      }
    }
    result.frrc_readers.push_back(std::move(pairs));
  }
}

}  // namespace

MeanSquares mean_squares(const Eigen::MatrixXd& theta) {
  const auto n_arms = static_cast<double>(theta.rows());
  const auto n_readers = static_cast<double>(theta.cols());
  const Eigen::VectorXd arm = theta.rowwise().mean();
  const Eigen::RowVectorXd reader = theta.colwise().mean();
  const double grand = theta.mean();
  const Eigen::MatrixXd rest =
      ((theta.colwise() - arm).rowwise() - reader).array() + grand;
  return {
      without_rounding(n_readers * (arm.array() - grand).square().sum() / (n_arms - 1)),
      without_rounding(n_arms * (reader.array() - grand).square().sum() / (n_readers - 1)),
      without_rounding(rest.squaredNorm() / ((n_arms - 1) * (n_readers - 1))),
  };
}

ErrorTerms error_terms(const MeanSquares& mean_squares, const CovarianceComponents& c, Index n_arms, Index n_readers) {
  const auto readers = static_cast<double>(n_readers);
  ErrorTerms e;
  e.shared = c.cov2 - c.cov3;
  if (std::abs(e.shared) < 1e-12 * (std::abs(c.cov2) + std::abs(c.cov3))) e.shared = 0;
  e.readers = mean_squares.arm_reader;
  e.random = e.readers + readers * std::max(e.shared, 0.0);
  e.fixed = c.var - c.cov1 + (readers - 1) * e.shared;
  e.df_readers = static_cast<double>(n_arms - 1) * (readers - 1);
  if (e.readers > 0) e.df = e.random * e.random * e.df_readers / (e.readers * e.readers);
  return e;
}

double mean_between_readers(const Eigen::MatrixXd& covariance, Index n_readers, Index first,
                            Index second) {
  if (n_readers < 2) return 0;
  const auto block =
      covariance.block(first * n_readers, second * n_readers, n_readers, n_readers);
  double sum = 0;
  for (Index j = 0; j < n_readers; ++j) {
    for (Index k = 0; k < n_readers; ++k) sum += j == k ? 0 : block(j, k);
  }
  return sum / static_cast<double>(n_readers * (n_readers - 1));
}

CovarianceComponents covariance_components(const Eigen::MatrixXd& covariance, Index n_arms,
                                           Index n_readers) {
  const Cells cells{covariance, n_arms, n_readers};
  const auto n = static_cast<double>(n_arms);
  CovarianceComponents result;
  result.var = covariance.diagonal().mean();
  for (Index i = 0; i < n_arms; ++i) {
    result.cov2 += mean_between_readers(covariance, n_readers, i, i) / n;
    for (Index k = 0; k < n_arms; ++k) {
      if (i == k) continue;
      const double pairs = n * (n - 1);
      result.cov3 += mean_between_readers(covariance, n_readers, i, k) / pairs;
      for (Index j = 0; j < n_readers; ++j) {
        result.cov1 += cells(i, j, k, j) / (pairs * static_cast<double>(n_readers));
      }
    }
  }
  return result;
}

ObuchowskiRockette obuchowski_rockette(const Eigen::MatrixXd& theta,
                                       const Eigen::MatrixXd& covariance) {
  const Index n_arms = theta.rows();
  const Index n_readers = theta.cols();
  if (n_arms < 2 || n_readers < 2 || covariance.rows() != theta.size() ||
      covariance.cols() != theta.size()) {
    throw Error(Error::Kind::kInput,
                "an Obuchowski-Rockette analysis needs two arms, two readers and their covariances");
  }
  const auto arms = static_cast<double>(n_arms);
  const auto readers = static_cast<double>(n_readers);
  ObuchowskiRockette result;
  result.arm_mean = theta.rowwise().mean();
  const CovarianceComponents c = result.covariance =
      covariance_components(covariance, n_arms, n_readers);
  const MeanSquares ms = result.mean_squares = mean_squares(theta);
  const ErrorTerms e = error_terms(ms, c, n_arms, n_readers);
  const double clamped = std::max(e.shared, 0.0);

  result.var_reader = (ms.reader - ms.arm_reader) / arms - c.cov1 + c.cov3;
  result.var_arm_reader = ms.arm_reader - c.var + c.cov1 + e.shared;
  result.var_arm_reader_clamped = ms.arm_reader - c.var + c.cov1 + clamped;
  result.var_reader_clamped = (ms.reader - result.var_arm_reader_clamped - c.var + c.cov2 -
                               (arms - 1) * (c.cov1 - c.cov3)) / arms;

  const double df1 = arms - 1;
  result.rrrc.test = global_test(ms.arm, e.random, df1, e.df);
  result.rrrc.differences = differences(result.arm_mean, 2 / readers * e.random, e.df);
  result.rrfc.test = global_test(ms.arm, e.readers, df1, e.df_readers);
  result.rrfc.differences = differences(result.arm_mean, 2 / readers * e.readers, e.df_readers);
  result.frrc_denominator_clamped = c.var - c.cov1 + (readers - 1) * clamped;
  result.frrc.test = global_test(ms.arm, e.fixed, df1, Df());
  result.frrc.differences = differences(result.arm_mean, 2 / readers * e.fixed, Df());
  const Cells cells{covariance, n_arms, n_readers};
  add_arms(result, theta, cells);
  add_readers(result, theta, cells);
  return result;
}

}  // namespace rationale::study
