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

/// Scores of a fold's test rows: for each factor [s, K], from one eigendecomposition.
std::vector<Eigen::MatrixXd> fold_scores(const Eigen::MatrixXd& gram,
                                         const Eigen::MatrixXd& targets, const RowIndices& train,
                                         const RowIndices& test,
                                         const std::vector<double>& factors) {
  const FoldKernel kernel = fold_kernel(gram, train, test);
  const Eigen::MatrixXd values = take_rows(targets, train);
  const Eigen::RowVectorXd means = values.colwise().mean();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(kernel.train);
  const Eigen::MatrixXd projected = eigen.eigenvectors().transpose() * (values.rowwise() - means);
  const Eigen::MatrixXd test_projected = kernel.test * eigen.eigenvectors();
  const double unit = kernel.train.trace() / static_cast<double>(train.size());
  std::vector<Eigen::MatrixXd> scores;
  for (const double factor : factors) {
    const double lambda = std::max(factor * unit, 1e-300);
    const Eigen::VectorXd shrink = (eigen.eigenvalues().array().max(0.0) + lambda).inverse();
    scores.emplace_back((test_projected * (shrink.asDiagonal() * projected)).rowwise() + means);
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

/// Scores of all rows in use by the other folds' filters, for each factor, [n, K].
std::vector<Eigen::MatrixXd> scores_by_factor(const Eigen::MatrixXd& gram,
                                              const Eigen::MatrixXd& targets,
                                              const std::vector<int>& folds,
                                              const std::vector<bool>& is_used,
                                              const std::vector<double>& factors) {
  std::vector<Eigen::MatrixXd> all(factors.size(),
                                   Eigen::MatrixXd::Zero(targets.rows(), targets.cols()));
  RowIndices train, test;
  for (const int fold : distinct(folds)) {
    split_rows(folds, is_used, fold, train, test);
    if (train.empty() || test.empty()) continue;
    const auto scores = fold_scores(gram, targets, train, test, factors);
    for (std::size_t f = 0; f < factors.size(); ++f) {
      for (std::size_t i = 0; i < test.size(); ++i) {
        all[f].row(test[i]) = scores[f].row(static_cast<Eigen::Index>(i));
      }
    }
  }
  return all;
}

/// The best factor of each target: index into the factors.
std::vector<std::size_t> best_factors(const std::vector<Eigen::MatrixXd>& scores,
                                      const Eigen::MatrixXd& targets,
                                      const std::vector<bool>& is_used) {
  std::vector<std::size_t> best;
  for (Eigen::Index k = 0; k < targets.cols(); ++k) {
    std::vector<double> errors(scores.size(), 0.0);
    for (std::size_t f = 0; f < scores.size(); ++f) {
      for (Eigen::Index i = 0; i < targets.rows(); ++i) {
        if (!is_used[static_cast<std::size_t>(i)]) continue;
        const double error = scores[f](i, k) - targets(i, k);
        errors[f] += error * error;
      }
    }
    best.push_back(smallest(errors));
  }
  return best;
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

NestedScores nested_ridge_scores(const Eigen::MatrixXd& gram, const Eigen::MatrixXd& targets,
                                 const std::vector<int>& folds,
                                 const std::vector<double>& factors) {
  const std::vector<bool> all(folds.size(), true);
  NestedScores nested;
  nested.scores = Eigen::MatrixXd::Zero(targets.rows(), targets.cols());
  RowIndices train, test;
  for (const int fold : distinct(folds)) {
    std::vector<bool> is_training(folds.size());
    for (std::size_t i = 0; i < folds.size(); ++i) is_training[i] = folds[i] != fold;
    const std::vector<std::size_t> chosen = best_factors(
        scores_by_factor(gram, targets, folds, is_training, factors), targets, is_training);
    split_rows(folds, all, fold, train, test);
    if (train.empty()) continue;
    const auto scores = fold_scores(gram, targets, train, test, factors);
    for (Eigen::Index k = 0; k < targets.cols(); ++k) {
      for (std::size_t i = 0; i < test.size(); ++i) {
        nested.scores(test[i], k) =
            scores[chosen[static_cast<std::size_t>(k)]](static_cast<Eigen::Index>(i), k);
      }
    }
  }
  const auto final_scores = scores_by_factor(gram, targets, folds, all, factors);
  nested.final_scores.resize(targets.rows(), targets.cols());
  const std::vector<std::size_t> chosen = best_factors(final_scores, targets, all);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    nested.final_factors.push_back(factors[chosen[k]]);
    nested.final_scores.col(static_cast<Eigen::Index>(k)) =
        final_scores[chosen[k]].col(static_cast<Eigen::Index>(k));
  }
  return nested;
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
