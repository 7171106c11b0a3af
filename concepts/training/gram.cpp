#include "concepts/training/gram.h"

#include <cmath>

#include "data/base/error.h"

namespace rationale::concepts {

CentredActivations centre(const Eigen::MatrixXd& activations) {
  if (activations.rows() == 0 || activations.cols() == 0) {
    throw Error(Error::Kind::kInput, "there are no activations");
  }
  if (!activations.allFinite()) {
    throw Error(Error::Kind::kInput, "an activation is not a finite number", "",
                "look at the inputs and at the model with `rationale doctor`");
  }
  CentredActivations centred;
  centred.mean = activations.colwise().mean();
  centred.values = activations.rowwise() - centred.mean;
  const double mean_square =
      centred.values.squaredNorm() / static_cast<double>(centred.values.size());
  centred.scale = mean_square > 0 ? std::sqrt(mean_square) : 1.0;
  return centred;
}

Eigen::MatrixXd gram(const Eigen::MatrixXd& centred) {
  Eigen::MatrixXd result(centred.rows(), centred.rows());
  result.setZero();
  result.selfadjointView<Eigen::Lower>().rankUpdate(centred);
  result.triangularView<Eigen::StrictlyUpper>() = result.transpose();
  return result;
}

FoldKernel fold_kernel(const Eigen::MatrixXd& gram, const RowIndices& train,
                       const RowIndices& test) {
  const auto n_train = static_cast<Eigen::Index>(train.size());
  const auto n_test = static_cast<Eigen::Index>(test.size());
  FoldKernel kernel{Eigen::MatrixXd(n_train, n_train), Eigen::MatrixXd(n_test, n_train)};
  for (Eigen::Index j = 0; j < n_train; ++j) {
    const Eigen::Index column = train[static_cast<std::size_t>(j)];
    for (Eigen::Index i = 0; i < n_train; ++i) {
      kernel.train(i, j) = gram(train[static_cast<std::size_t>(i)], column);
    }
    for (Eigen::Index i = 0; i < n_test; ++i) {
      kernel.test(i, j) = gram(test[static_cast<std::size_t>(i)], column);
    }
  }
  const Eigen::RowVectorXd row_means = kernel.train.colwise().mean();
  const double grand_mean = row_means.mean();
  const Eigen::VectorXd test_means = kernel.test.rowwise().mean();
  kernel.test = ((kernel.test.colwise() - test_means).rowwise() - row_means).array() + grand_mean;
  kernel.train =
      ((kernel.train.colwise() - row_means.transpose()).rowwise() - row_means).array() + grand_mean;
  return kernel;
}

Eigen::MatrixXd take_rows(const Eigen::MatrixXd& matrix, const RowIndices& rows) {
  Eigen::MatrixXd taken(static_cast<Eigen::Index>(rows.size()), matrix.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    taken.row(static_cast<Eigen::Index>(i)) = matrix.row(rows[i]);
  }
  return taken;
}

Eigen::VectorXd take_rows(const Eigen::VectorXd& vector, const RowIndices& rows) {
  Eigen::VectorXd taken(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    taken(static_cast<Eigen::Index>(i)) = vector(rows[i]);
  }
  return taken;
}

}  // namespace rationale::concepts
