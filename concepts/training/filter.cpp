#include "concepts/training/filter.h"

#include <linear.h>

#include <Eigen/Eigenvalues>
#include <array>
#include <memory>
#include <vector>

#include "concepts/training/gram.h"
#include "data/base/error.h"

namespace rationale::concepts {
namespace {

struct FreeModel {
  void operator()(model* trained) const { free_and_destroy_model(&trained); }
};

/// liblinear's sparse rows, kept alive for as long as its problem.
struct Problem {
  std::vector<feature_node> nodes;
  std::vector<feature_node*> rows;
  std::vector<double> targets;
  problem view{};

  Problem(const Eigen::MatrixXd& features, const Eigen::VectorXd& labels, double bias) {
    const auto n = static_cast<std::size_t>(features.rows());
    const auto d = static_cast<std::size_t>(features.cols());
    const std::size_t width = d + (bias >= 0 ? 1 : 0) + 1;
    nodes.reserve(n * width);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      for (std::size_t j = 0; j < d; ++j) {
        nodes.push_back({static_cast<int>(j) + 1, features(row, static_cast<Eigen::Index>(j))});
      }
      if (bias >= 0) nodes.push_back({static_cast<int>(d) + 1, bias});
      nodes.push_back({-1, 0});
      targets.push_back(labels(row) > 0.5 ? 1 : -1);
    }
    for (std::size_t i = 0; i < n; ++i) rows.push_back(nodes.data() + i * width);
    view.l = static_cast<int>(n);
    view.n = static_cast<int>(d) + (bias >= 0 ? 1 : 0);
    view.y = targets.data();
    view.x = rows.data();
    view.bias = bias;
  }
};

LinearFilter fit_directly(const Eigen::MatrixXd& features, const Eigen::VectorXd& labels,
                          const FilterOptions& options) {
  set_print_string_function([](const char*) {});
  Problem data(features, labels, options.bias);
  const auto n = static_cast<double>(labels.size());
  const double n_present = labels.sum();
  std::array<int, 2> weight_labels{1, -1};
  std::array<double, 2> weights{n / (2 * n_present), n / (2 * (n - n_present))};
  parameter settings{};  // newer liblinear has further fields: all zero, these by name
  settings.solver_type = options.loss == Loss::kLogistic ? L2R_LR : L2R_L2LOSS_SVC;
  settings.eps = options.eps;
  settings.C = options.C;
  settings.p = 0.1;
  if (options.weights == ClassWeights::kBalanced) {
    settings.nr_weight = 2;
    settings.weight_label = weight_labels.data();
    settings.weight = weights.data();
  }
  if (const char* complaint = check_parameter(&data.view, &settings)) {
    throw Error(Error::Kind::kInternal, std::string("liblinear: ") + complaint);
  }
  const std::unique_ptr<model, FreeModel> trained(train(&data.view, &settings));
  // label[0] is the class that w points to: the first one met, not the positive one.
  const double sign = trained->label[0] == 1 ? 1.0 : -1.0;
  const Eigen::Index d = features.cols();
  LinearFilter filter;
  filter.w = sign * Eigen::Map<const Eigen::VectorXd>(trained->w, d);
  filter.b = options.bias >= 0 ? sign * trained->w[d] * options.bias : 0;
  return filter;
}

}  // namespace

LinearFilter fit_filter(const Eigen::MatrixXd& features, const Eigen::VectorXd& labels,
                        const FilterOptions& options) {
  const double n_present = (labels.array() > 0.5).cast<double>().sum();
  if (labels.size() != features.rows() || n_present == 0 ||
      n_present == static_cast<double>(labels.size())) {
    throw Error(Error::Kind::kInput, "a filter needs images with and without the concept", "",
                "add examples of the missing kind").with_code("too_few_examples");
  }
  if (!(options.C > 0)) throw Error(Error::Kind::kInput, "C must be positive");
  if (features.cols() <= features.rows()) return fit_directly(features, labels, options);

  // w lies in the span of the rows of X, so train on Z = U S with X X^T = U S^2 U^T, and w = X^T U S^-1 u.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(gram(features));
  const double largest = eigen.eigenvalues().maxCoeff();
  const Eigen::Index rank = (eigen.eigenvalues().array() > 1e-12 * largest).count();
  const Eigen::MatrixXd u = eigen.eigenvectors().rightCols(rank);
  const Eigen::VectorXd s = eigen.eigenvalues().tail(rank).cwiseSqrt();
  LinearFilter filter = fit_directly(u * s.asDiagonal(), labels, options);
  filter.w = features.transpose() * (u * (filter.w.array() / s.array()).matrix());
  return filter;
}

Eigen::VectorXd decision_values(const LinearFilter& filter, const Eigen::MatrixXd& features) {
  return (features * filter.w).array() + filter.b;
}

}  // namespace rationale::concepts
