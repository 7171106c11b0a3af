// The part of a network behind the layer, as a function of feature rows: what every attribution needs.
#pragma once

#include <Eigen/Core>

namespace rationale::concepts {

/// g: features → outputs, for n_samples() images at once. Rows come in n_samples() equal blocks: block i is
/// evaluated with whatever else of image i crosses the cut (its spatial pattern where features are spatial
/// means, its skip connections). A suffix that needs nothing else has n_samples() == 1.
class Suffix {
 public:
  virtual ~Suffix() = default;

  virtual Eigen::Index n_samples() const { return 1; }
  virtual Eigen::Index n_features() const = 0;
  virtual Eigen::Index n_outputs() const = 0;

  /// Outputs [M, n_outputs], in logits, of feature rows [M, D]; M a multiple of n_samples().
  virtual Eigen::MatrixXd value(const Eigen::MatrixXd& features) const = 0;
  /// d output / d features, [M, D].
  virtual Eigen::MatrixXd gradient(const Eigen::MatrixXd& features, Eigen::Index output) const = 0;
};

}  // namespace rationale::concepts
