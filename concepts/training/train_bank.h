// From a concept set's activations to filters, patterns, calibration and evidence: the recipe of
// docs/concepts.md, without LibTorch.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "concepts/attribution/concept_bank.h"
#include "concepts/training/training_set.h"

namespace rationale::concepts {

struct TrainOptions {
  std::uint64_t seed = 1;
  int n_resamples = 100;
  int n_permutations = 999;
  int n_folds = 5;
};

/// Fewer patients than this on either side: a concept is not trained, and its verdict is "too few examples".
constexpr int kLeastPatients = 5;

/// Everything that does not depend on the class. Concepts with too few examples are kept, untrained.
/// The rationale recipe: ridge filters (lambda by nested cross-validation, folds by patient), Platt scaling of
/// out-of-fold scores, multivariate patterns over the images that are judged for all concepts, resamples of
/// patients. The reference recipe: liblinear logistic regression, C 0.01, balanced weights, columns z-scored.
///
/// @param bank         key and names filled in by the caller; the rest is added. `mean_activation` is not set
/// @param activations  H [n, D], one row an image of `set`
/// @throws Error (kRefused, "too_few_examples") if no concept can be trained, or too few images are judged
///         for all of them
void train_bank(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                const TrainOptions& options);

/// Evidence of all concepts for some classes, appended to `bank.evidence`, held against the gate.
///   s_i = (h_i - mu) . Gbar; b_k = partial effect of concept k on s; Freedman-Lane p, Holm over the bank;
///   m_k = |b_k| / max |b_j|; sign of b_k within each fold.
/// @param mean_gradients  Gbar [classes, D]: mean path gradient over reference rows
void add_evidence(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                  const std::vector<int>& class_indices, const std::vector<std::string>& class_names,
                  const Eigen::MatrixXd& mean_gradients);

/// Scores h.w + offset of every trained concept, [n, T].
Eigen::MatrixXd concept_scores(const ConceptBank& bank, const Eigen::MatrixXd& activations);

}  // namespace rationale::concepts
