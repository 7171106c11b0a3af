#include "concepts/attribution/split_suffix.h"

#include <algorithm>
#include <vector>

#include "data/base/error.h"
#include "explain/model/split_model.h"
#include "explain/torch.h"

namespace rationale::concepts {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd to_matrix(const at::Tensor& tensor) {  // [M, D]
  const at::Tensor plain = tensor.to(torch::kCPU, torch::kFloat64).contiguous();
  return Eigen::Map<const RowMajor>(plain.data_ptr<double>(), plain.size(0), plain.size(1));
}

at::Tensor to_tensor(const Eigen::MatrixXd& rows) {
  at::Tensor tensor = torch::empty({rows.rows(), rows.cols()}, torch::kFloat64);
  Eigen::Map<RowMajor>(tensor.data_ptr<double>(), rows.rows(), rows.cols()) = rows;
  return tensor;
}

/// Means over positions in float64, [N, C].
at::Tensor pooled(const at::Tensor& activation) {
  const at::Tensor maps = activation.to(torch::kFloat64);
  return maps.dim() > 2 ? maps.flatten(2).mean(2) : maps;
}

}  // namespace

SplitSuffix::SplitSuffix(const explain::SplitModel& model, const explain::SplitRun& run,
                         Features features)
    : model_(model), run_(run), features_(features) {
  const at::NoGradGuard no_graph;
  const at::Tensor& activation = model.activation(run);
  own_ = to_matrix(features == Features::kPooled ? pooled(activation) : activation.flatten(1));
  const at::Tensor& logits = model.logits(run);
  if (logits.dim() != 2) {
    throw Error(Error::Kind::kRefused, "concepts need an output of one row of numbers an image");
  }
  n_outputs_ = logits.size(1);
}

Eigen::Index SplitSuffix::rows_at_once() const {
  // About 64 MB of activations at once.
  const Eigen::Index elements = model_.activation(run_).numel() / own_.rows();
  return std::max<Eigen::Index>(1, (Eigen::Index{1} << 24) / std::max<Eigen::Index>(elements, 1) /
                                       own_.rows());
}

at::Tensor SplitSuffix::activations_of(const Eigen::MatrixXd& rows, Eigen::Index first,
                                       Eigen::Index count) const {
  const at::Tensor& activation = model_.activation(run_);
  const Eigen::Index n = own_.rows(), block = rows.rows() / n;
  Eigen::MatrixXd part(n * count, rows.cols());
  for (Eigen::Index i = 0; i < n; ++i) {
    part.middleRows(i * count, count) = rows.middleRows(i * block + first, count);
    if (features_ == Features::kPooled) part.middleRows(i * count, count).rowwise() -= own_.row(i);
  }
  std::vector<std::int64_t> shape = activation.sizes().vec();
  shape[0] = n * count;
  const at::Tensor values = to_tensor(part).to(activation.options());
  if (features_ == Features::kFlat) return values.reshape(shape);
  std::vector<std::int64_t> places(shape.size(), 1);
  places[0] = shape[0];
  places[1] = shape[1];
  return activation.repeat_interleave(count, 0) + values.reshape(places);
}

Eigen::MatrixXd SplitSuffix::value(const Eigen::MatrixXd& rows) const {
  const at::NoGradGuard no_graph;
  const Eigen::Index n = own_.rows(), block = rows.rows() / n;
  Eigen::MatrixXd outputs(rows.rows(), n_outputs_);
  for (Eigen::Index first = 0; first < block; first += rows_at_once()) {
    const Eigen::Index count = std::min(rows_at_once(), block - first);
    const Eigen::MatrixXd part =
        to_matrix(model_.suffix(run_, activations_of(rows, first, count)));
    for (Eigen::Index i = 0; i < n; ++i) {
      outputs.middleRows(i * block + first, count) = part.middleRows(i * count, count);
    }
  }
  return outputs;
}

Eigen::MatrixXd SplitSuffix::gradient(const Eigen::MatrixXd& rows, Eigen::Index output) const {
  const Eigen::Index n = own_.rows(), block = rows.rows() / n;
  Eigen::MatrixXd gradients(rows.rows(), rows.cols());
  for (Eigen::Index first = 0; first < block; first += rows_at_once()) {
    const Eigen::Index count = std::min(rows_at_once(), block - first);
    at::Tensor part =
        model_.suffix_gradient(run_, activations_of(rows, first, count), output).detach();
    // A pooled feature moves every position: its derivative is their sum.
    part = features_ == Features::kFlat ? part.flatten(1)
           : part.dim() > 2             ? part.to(torch::kFloat64).flatten(2).sum(2)
                                        : part;
    const Eigen::MatrixXd matrix = to_matrix(part);
    for (Eigen::Index i = 0; i < n; ++i) {
      gradients.middleRows(i * block + first, count) = matrix.middleRows(i * count, count);
    }
  }
  return gradients;
}

Eigen::MatrixXd SplitSuffix::logits() const { return to_matrix(model_.logits(run_).detach()); }

Eigen::MatrixXd SplitSuffix::value_at(const std::vector<float>& values) const {
  const at::NoGradGuard no_graph;
  const at::Tensor& activation = model_.activation(run_);
  std::vector<std::int64_t> shape = activation.sizes().vec();
  shape[0] = 1;
  at::Tensor one = torch::empty(shape, torch::kFloat32);
  std::copy(values.begin(), values.end(), one.data_ptr<float>());
  return to_matrix(
      model_.suffix(run_, one.to(activation.options()).repeat_interleave(own_.rows(), 0)));
}

Shape SplitSuffix::activation_shape() const {
  const auto sizes = model_.activation(run_).sizes();
  return {sizes.begin() + 1, sizes.end()};
}

}  // namespace rationale::concepts
