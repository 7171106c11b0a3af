#include "concepts/training/ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <set>

namespace rationale::concepts {
namespace {

std::vector<int> distinct(const std::vector<int>& folds) {
  const std::set<int> values(folds.begin(), folds.end());
  return {values.begin(), values.end()};
}

/// Scores of a fold's test rows for each factor, [s, factors], from one eigendecomposition.
Eigen::MatrixXd fold_scores(const Eigen::MatrixXd& gram, const Eigen::VectorXd& target,
                            const RowIndices& train, const RowIndices& test,
                            const std::vector<double>& factors) {
  const FoldKernel kernel = fold_kernel(gram, train, test);
  const Eigen::VectorXd values = take_rows(target, train);
  const double mean = values.mean();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(kernel.train);
  const Eigen::VectorXd projected =
      eigen.eigenvectors().transpose() * (values.array() - mean).matrix();
  const Eigen::MatrixXd test_projected = kernel.test * eigen.eigenvectors();
  const double unit = kernel.train.trace() / static_cast<double>(train.size());
  Eigen::MatrixXd scores(static_cast<Eigen::Index>(test.size()),
                         static_cast<Eigen::Index>(factors.size()));
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const double lambda = std::max(factors[f] * unit, 1e-300);
    const Eigen::VectorXd alpha =
        projected.array() / (eigen.eigenvalues().array().max(0.0) + lambda);
    scores.col(static_cast<Eigen::Index>(f)) = (test_projected * alpha).array() + mean;
  }
  return scores;
}

/// Index of the smallest error; factors grow, and of equals the larger one is taken.
std::size_t smallest(const std::vector<double>& errors) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < errors.size(); ++i) {
    if (errors[i] <= errors[best]) best = i;
  }
  return best;
}

void split_rows(const std::vector<int>& folds, const std::vector<bool>& is_used, int fold,
                RowIndices& train, RowIndices& test) {
  train.clear();
  test.clear();
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if (!is_used[i]) continue;
    (folds[i] == fold ? test : train).push_back(static_cast<Eigen::Index>(i));
  }
}

/// Summed out-of-fold squared error of each factor over the rows in use.
std::vector<double> factor_errors(const Eigen::MatrixXd& gram, const Eigen::VectorXd& target,
                                  const std::vector<int>& folds, const std::vector<bool>& is_used,
                                  const std::vector<double>& factors) {
  std::vector<double> errors(factors.size(), 0.0);
  RowIndices train, test;
  for (const int fold : distinct(folds)) {
    split_rows(folds, is_used, fold, train, test);
    if (train.empty() || test.empty()) continue;
    const Eigen::MatrixXd scores = fold_scores(gram, target, train, test, factors);
    const Eigen::VectorXd truth = take_rows(target, test);
    for (std::size_t f = 0; f < factors.size(); ++f) {
      errors[f] += (scores.col(static_cast<Eigen::Index>(f)) - truth).squaredNorm();
    }
  }
  return errors;
}

}  // namespace

double ridge_lambda(const Eigen::MatrixXd& gram, double factor) {
  // Never zero, so that constant activations give zero filters rather than a singular system.
  return std::max(factor * gram.trace() / static_cast<double>(gram.rows()), 1e-300);
}

Eigen::MatrixXd ridge_filters(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& gram,
                              const Eigen::MatrixXd& targets, double lambda) {
  Eigen::MatrixXd regularised = gram;
  regularised.diagonal().array() += lambda;
  return centred.transpose() * regularised.ldlt().solve(targets);
}

Eigen::MatrixXd out_of_fold_scores(const Eigen::MatrixXd& gram, const Eigen::MatrixXd& targets,
                                   const std::vector<int>& folds, double lambda) {
  Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(targets.rows(), targets.cols());
  const std::vector<bool> all(folds.size(), true);
  RowIndices train, test;
  for (const int fold : distinct(folds)) {
    split_rows(folds, all, fold, train, test);
    if (train.empty()) continue;
    FoldKernel kernel = fold_kernel(gram, train, test);
    const Eigen::MatrixXd values = take_rows(targets, train);
    const Eigen::RowVectorXd means = values.colwise().mean();
    kernel.train.diagonal().array() += lambda;
    const Eigen::MatrixXd alpha = kernel.train.ldlt().solve(values.rowwise() - means);
    const Eigen::MatrixXd fold_values = (kernel.test * alpha).rowwise() + means;
    for (std::size_t i = 0; i < test.size(); ++i) {
      scores.row(test[i]) = fold_values.row(static_cast<Eigen::Index>(i));
    }
  }
  return scores;
}

NestedScores nested_ridge_scores(const Eigen::MatrixXd& gram, const Eigen::VectorXd& target,
                                 const std::vector<int>& folds,
                                 const std::vector<double>& factors) {
  NestedScores nested;
  nested.scores = Eigen::VectorXd::Zero(target.size());
  RowIndices train, test;
  const std::vector<bool> all(folds.size(), true);
  for (const int fold : distinct(folds)) {
    std::vector<bool> is_training(folds.size());
    for (std::size_t i = 0; i < folds.size(); ++i) is_training[i] = folds[i] != fold;
    const double factor =
        factors[smallest(factor_errors(gram, target, folds, is_training, factors))];
    nested.factors.push_back(factor);
    split_rows(folds, all, fold, train, test);
    if (train.empty()) continue;
    const Eigen::MatrixXd scores = fold_scores(gram, target, train, test, {factor});
    for (std::size_t i = 0; i < test.size(); ++i) {
      nested.scores(test[i]) = scores(static_cast<Eigen::Index>(i), 0);
    }
  }
  return nested;
}

double best_ridge_factor(const Eigen::MatrixXd& gram, const Eigen::VectorXd& target,
                         const std::vector<int>& folds, const std::vector<double>& factors) {
  const std::vector<bool> all(folds.size(), true);
  return factors[smallest(factor_errors(gram, target, folds, all, factors))];
}

double r_squared(const Eigen::VectorXd& y, const Eigen::VectorXd& predicted) {
  const double total = (y.array() - y.mean()).square().sum();
  return total > 0 ? 1 - (y - predicted).squaredNorm() / total : 0;
}

const std::vector<double>& ridge_factors() {
  static const std::vector<double> factors{1e-3, 1e-2, 1e-1, 1, 10};
  return factors;
}

}  // namespace rationale::concepts
