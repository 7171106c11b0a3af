#include "concepts/attribution/torch_suffix.h"

#include <string>
#include <utility>

#include "data/base/error.h"
#include "explain/model/tensor_function.h"
#include "explain/torch.h"

#include <torch/csrc/autograd/autograd.h>

namespace rationale::concepts {
namespace {

at::Tensor to_tensor(const Eigen::MatrixXd& rows, at::ScalarType type) {
  at::Tensor tensor = torch::empty({rows.rows(), rows.cols()}, torch::kFloat64);
  Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      tensor.data_ptr<double>(), rows.rows(), rows.cols()) = rows;
  return tensor.to(type);
}

Eigen::MatrixXd to_matrix(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.to(torch::kFloat64).contiguous();
  return Eigen::Map<
      const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      plain.data_ptr<double>(), plain.size(0), plain.size(1));
}

class TorchSuffix : public Suffix {
 public:
  TorchSuffix(explain::TensorFunction function, Eigen::Index n_features, at::ScalarType type)
      : function_(std::move(function)), n_features_(n_features), type_(type) {
    n_outputs_ = value(Eigen::MatrixXd::Zero(1, n_features)).cols();
  }

  Eigen::Index n_features() const override { return n_features_; }
  Eigen::Index n_outputs() const override { return n_outputs_; }

  Eigen::MatrixXd value(const Eigen::MatrixXd& features) const override {
    const at::NoGradGuard no_graph;
    return to_matrix(forward(to_tensor(features, type_)));
  }

  Eigen::MatrixXd gradient(const Eigen::MatrixXd& features, Eigen::Index output) const override {
    at::Tensor rows = to_tensor(features, type_);
    rows.requires_grad_(true);
    const at::Tensor sum = forward(rows).select(1, output).sum();
    return to_matrix(torch::autograd::grad({sum}, {rows}).at(0));
  }

 private:
  at::Tensor forward(const at::Tensor& rows) const {
    at::Tensor result = function_(rows);
    if (result.dim() == 1) result = result.unsqueeze(1);
    if (result.dim() != 2 || result.size(0) != rows.size(0)) {
      throw Error(Error::Kind::kInput, "the suffix does not return one row an activation", "",
                  "it must map [M, D] to [M] or [M, outputs]");
    }
    return result;
  }

  explain::TensorFunction function_;
  Eigen::Index n_features_;
  at::ScalarType type_;
  Eigen::Index n_outputs_ = 0;
};

}  // namespace

std::unique_ptr<Suffix> load_suffix(const std::filesystem::path& file, Eigen::Index n_features,
                                    Precision precision) {
  using Given = explain::TensorFunction::Precision;
  const bool is_double = precision == Precision::kDouble;
  return std::make_unique<TorchSuffix>(
      explain::TensorFunction(file, is_double ? Given::kDouble : Given::kFloat), n_features,
      is_double ? torch::kFloat64 : torch::kFloat32);
}

}  // namespace rationale::concepts
