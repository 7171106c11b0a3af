// The suffix of a split network as a function of feature rows, for the samples of one run.
#pragma once

#include <Eigen/Core>

#include "concepts/attribution/concept_bank.h"
#include "concepts/attribution/suffix.h"
#include "data/arrays/array.h"

namespace at {
class Tensor;
}
namespace rationale::explain {
class SplitModel;
struct SplitRun;
}  // namespace rationale::explain

namespace rationale::concepts {

/// Pooled features: h = spatial means [C], and g(h') = suffix(A + (h' - h) at every position): the sample
/// keeps its spatial pattern, its mean moves. Flat features: h = the whole map.
/// Keeps references to model and run.
class SplitSuffix : public Suffix {
 public:
  SplitSuffix(const explain::SplitModel& model, const explain::SplitRun& run, Features features);

  Eigen::Index n_samples() const override { return own_.rows(); }
  Eigen::Index n_features() const override { return own_.cols(); }
  Eigen::Index n_outputs() const override { return n_outputs_; }
  Eigen::MatrixXd value(const Eigen::MatrixXd& rows) const override;
  Eigen::MatrixXd gradient(const Eigen::MatrixXd& rows, Eigen::Index output) const override;

  /// The samples' own features, [N, D].
  const Eigen::MatrixXd& own() const { return own_; }
  /// The samples' own outputs, as the run gave them, [N, outputs].
  Eigen::MatrixXd logits() const;
  /// Outputs of every sample with one and the same activation [C, *S] in place of its own, [N, outputs].
  Eigen::MatrixXd value_at(const std::vector<float>& activation) const;
  /// [C, *S] of one sample.
  Shape activation_shape() const;

 private:
  at::Tensor activations_of(const Eigen::MatrixXd& rows, Eigen::Index first,
                            Eigen::Index count) const;
  Eigen::Index rows_at_once() const;

  const explain::SplitModel& model_;
  const explain::SplitRun& run_;
  Features features_;
  Eigen::MatrixXd own_;
  Eigen::Index n_outputs_ = 0;
};

}  // namespace rationale::concepts
