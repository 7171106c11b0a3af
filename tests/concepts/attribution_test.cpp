// Properties of the attribution: what must hold for every suffix.
#include <Eigen/Core>
#include <cmath>

#include "concepts/attribution/path.h"
#include "concepts/attribution/presence.h"
#include "concepts/attribution/shapley.h"
#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale::concepts;

namespace {

/// g(h) = w.h + b, or with `curvature` c: w.h + b + c (v.h)^2.
class Quadratic : public Suffix {
 public:
  Quadratic(Eigen::Index d, double curvature) : w_(d), v_(d), curvature_(curvature) {
    for (Eigen::Index i = 0; i < d; ++i) {
      w_(i) = std::sin(1.0 + static_cast<double>(i));
      v_(i) = std::cos(2.0 * static_cast<double>(i));
    }
  }
  Eigen::Index n_features() const override { return w_.size(); }
  Eigen::Index n_outputs() const override { return 1; }
  Eigen::MatrixXd value(const Eigen::MatrixXd& h) const override {
    return ((h * w_).array() + 0.3 + curvature_ * (h * v_).array().square()).matrix();
  }
  Eigen::MatrixXd gradient(const Eigen::MatrixXd& h, Eigen::Index) const override {
    return (2 * curvature_ * (h * v_)) * v_.transpose() +
           Eigen::VectorXd::Ones(h.rows()) * w_.transpose();
  }
  Eigen::VectorXd w_, v_;
  double curvature_;
};

Eigen::MatrixXd draw(Eigen::Index rows, Eigen::Index cols, int seed) {
  Eigen::MatrixXd matrix(rows, cols);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = std::sin(12.9898 * static_cast<double>(i + 1) + 78.233 * seed);
  }
  return matrix;
}

}  // namespace

TEST_CASE("Shapley values of a linear head are dc (w.A), without any suffix run",
          "[concepts][shapley]") {
  const int seed = GENERATE(range(0, 5));
  const Quadratic linear(6, 0);
  const Eigen::MatrixXd h = draw(3, 6, seed), a = draw(6, 4, seed + 50), dc = draw(3, 4, seed + 99);
  const Eigen::MatrixXd phi =
      shapley_values(what_if_values(linear, h, footprints_of(a, dc)).at(0));
  const Eigen::MatrixXd expected = dc * (a.transpose() * linear.w_).asDiagonal();
  CHECK((phi - expected).cwiseAbs().maxCoeff() < 1e-13);
  // The path version is exact there too.
  const Eigen::MatrixXd path =
      path_contributions(path_gradients(linear, h, draw(1, 6, 7).row(0), 4, 0), a, dc);
  CHECK((path - expected).cwiseAbs().maxCoeff() < 1e-13);
}

TEST_CASE("Shapley values add up, and do not depend on the order of the concepts",
          "[concepts][shapley]") {
  const int seed = GENERATE(range(0, 5));
  const Quadratic curved(5, 0.7);
  const Eigen::MatrixXd h = draw(2, 5, seed), a = draw(5, 6, seed + 50), dc = draw(2, 6, seed + 99);
  const Eigen::MatrixXd values = what_if_values(curved, h, footprints_of(a, dc), 64).at(0);
  const Eigen::MatrixXd phi = shapley_values(values);
  CHECK((phi.rowwise().sum() - (values.col(63) - values.col(0))).cwiseAbs().maxCoeff() < 1e-13);
  CHECK((values.col(63) - curved.value(h)).cwiseAbs().maxCoeff() == 0);

  const std::vector<int> order{3, 0, 5, 1, 4, 2};
  Eigen::MatrixXd shuffled_a(5, 6), shuffled_dc(2, 6);
  for (int k = 0; k < 6; ++k) {
    shuffled_a.col(k) = a.col(order[static_cast<std::size_t>(k)]);
    shuffled_dc.col(k) = dc.col(order[static_cast<std::size_t>(k)]);
  }
  const Eigen::MatrixXd shuffled = shapley_values(
      what_if_values(curved, h, footprints_of(shuffled_a, shuffled_dc), 7).at(0));
  for (int k = 0; k < 6; ++k) {
    CHECK((shuffled.col(k) - phi.col(order[static_cast<std::size_t>(k)])).cwiseAbs().maxCoeff() <
          1e-13);
  }
}

TEST_CASE("a concept at its reference level contributes nothing", "[concepts][shapley]") {
  const Quadratic curved(5, 0.7);
  Eigen::MatrixXd dc = draw(2, 3, 1);
  dc.col(1).setZero();
  const Eigen::MatrixXd phi = shapley_values(
      what_if_values(curved, draw(2, 5, 2), footprints_of(draw(5, 3, 3), dc)).at(0));
  CHECK(phi.col(1).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("more than 20 players are refused", "[concepts][shapley]") {
  const Quadratic linear(2, 0);
  const std::vector<Eigen::MatrixXd> footprints(21, Eigen::MatrixXd::Zero(1, 2));
  CHECK_THROWS_AS(what_if_values(linear, Eigen::MatrixXd::Zero(1, 2), footprints),
                  rationale::Error);
}

TEST_CASE("Platt scaling is finite for separable scores and reaches the smoothed targets",
          "[concepts][presence]") {
  Eigen::VectorXd scores(6), labels(6);
  scores << -1, -1, -1, 1, 1, 1;
  labels << 0, 0, 0, 1, 1, 1;
  const Platt platt = fit_platt(scores, labels);
  // Two score values, two parameters: the fit meets the targets 4/5 and 1/5 exactly.
  CHECK(platt.presence(1) == Approx(0.8).epsilon(1e-9));
  CHECK(platt.presence(-1) == Approx(0.2).epsilon(1e-9));
}

TEST_CASE("presence cannot be calibrated without negatives", "[concepts][presence]") {
  CHECK_THROWS_AS(fit_platt(Eigen::VectorXd::Ones(3), Eigen::VectorXd::Ones(3)), rationale::Error);
}
