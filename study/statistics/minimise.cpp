#include "study/statistics/minimise.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/base/interrupt.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double step_at(const VectorXd& x, Index i) { return 1e-3 * std::max(1.0, std::abs(x(i))); }

VectorXd moved(VectorXd x, Index i, double by) {
  x(i) += by;
  return x;
}

/// Two points a parameter: enough to find the way.
VectorXd rough_gradient(const Objective& f, const VectorXd& x) {
  VectorXd g(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double h = step_at(x, i) / 10;
    g(i) = (f(moved(x, i, h)) - f(moved(x, i, -h))) / (2 * h);
  }
  return g;
}

/// Halves the step until the value falls enough (Armijo). @return  the value there, or empty
std::optional<double> descend(const Objective& f, VectorXd& x, double value, const VectorXd& direction,
                              double slope) {
  for (double length = 1; length > 1e-12; length /= 2) {
    const double next = f(x + length * direction);
    if (next <= value + 1e-4 * length * slope) {
      x += length * direction;
      return next;
    }
  }
  return std::nullopt;
}

void bfgs(const Objective& f, const Gradient& slope_of, Minimum& at, double far) {
  const Index n = at.x.size();
  MatrixXd inverse = MatrixXd::Identity(n, n);
  VectorXd g = slope_of(at.x);
  inverse /= std::max(1.0, g.norm());
  for (int round = 0; round < 150; ++round) {
    check_interrupt();
    VectorXd direction = -inverse * g;
    if (direction.dot(g) >= 0) direction = -g / std::max(1.0, g.norm());
    const VectorXd before = at.x;
    const double old_value = at.value;
    const auto next = descend(f, at.x, at.value, direction, direction.dot(g));
    if (!next) return;
    at.value = *next;
    if (old_value - at.value < 1e-9 * (1 + std::abs(at.value)) || at.x.cwiseAbs().maxCoeff() > far) return;
    const VectorXd g_next = slope_of(at.x), s = at.x - before, y = g_next - g;
    g = g_next;
    const double sy = s.dot(y);
    if (sy <= 1e-12 * s.norm() * y.norm()) continue;
    const MatrixXd left = MatrixXd::Identity(n, n) - s * y.transpose() / sy;
    inverse = left * inverse * left.transpose() + s * s.transpose() / sy;
  }
}

struct Derivatives {
  Gradient rough, gradient;  ///< rough: good enough to find the way
  std::function<MatrixXd(const VectorXd&)> hessian;
};

std::optional<Minimum> minimum(const Objective& f, const Derivatives& of, const VectorXd& start, double far) {
  Minimum at{start, f(start)};
  bfgs(f, of.rough, at, far);
  // The Hessian costs most: one serves until a step does not shrink by ten.
  std::optional<Eigen::SelfAdjointEigenSolver<MatrixXd>> h;
  double last = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 20; ++round) {
    check_interrupt();
    if (at.x.cwiseAbs().maxCoeff() > far) return std::nullopt;
    const VectorXd g = of.gradient(at.x);
    if (!h) h.emplace(of.hessian(at.x));
    // Away from a saddle, and not too far along a flat direction.
    const double least = 1e-8 * std::max(1.0, h->eigenvalues().cwiseAbs().maxCoeff());
    const VectorXd curvature = h->eigenvalues().cwiseAbs().cwiseMax(least);
    const VectorXd direction =
        -(h->eigenvectors() * (h->eigenvectors().transpose() * g).cwiseQuotient(curvature));
    const double slope = direction.dot(g);
    const double size = direction.cwiseAbs().maxCoeff();
    if (size < 1e-7) {  // the last step: the value is flat, the gradient is not
      at.x += direction;
      at.value = f(at.x);
      return at;
    }
    const auto next = descend(f, at.x, at.value, direction, slope);
    if (!next) return at;  // within rounding of the minimum
    at.value = *next;
    if (size > 0.1 * last) h.reset();
    last = size;
  }
  return std::nullopt;
}

}  // namespace

VectorXd gradient(const Objective& f, const VectorXd& x) {
  VectorXd g(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double h = step_at(x, i);
    g(i) = (8 * (f(moved(x, i, h)) - f(moved(x, i, -h))) -
            (f(moved(x, i, 2 * h)) - f(moved(x, i, -2 * h)))) / (12 * h);
  }
  return g;
}

MatrixXd hessian(const Objective& f, const VectorXd& x) {
  const Index n = x.size();
  const double here = f(x);
  MatrixXd result(n, n);
  for (Index i = 0; i < n; ++i) {
    const double h = step_at(x, i);
    result(i, i) = (16 * (f(moved(x, i, h)) + f(moved(x, i, -h))) - f(moved(x, i, 2 * h)) -
                    f(moved(x, i, -2 * h)) - 30 * here) / (12 * h * h);
    for (Index k = 0; k < i; ++k) {
      const auto mixed = [&](double scale) {
        const double a = scale * h, b = scale * step_at(x, k);
        const VectorXd up = moved(x, i, a), down = moved(x, i, -a);
        return (f(moved(up, k, b)) - f(moved(up, k, -b)) - f(moved(down, k, b)) + f(moved(down, k, -b))) /
               (4 * a * b);
      };
      result(i, k) = result(k, i) = (4 * mixed(1) - mixed(2)) / 3;
    }
  }
  return result;
}

MatrixXd hessian(const Gradient& gradient, const VectorXd& x) {
  MatrixXd result(x.size(), x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double h = step_at(x, i);
    result.col(i) = (8 * (gradient(moved(x, i, h)) - gradient(moved(x, i, -h))) -
                     (gradient(moved(x, i, 2 * h)) - gradient(moved(x, i, -2 * h)))) / (12 * h);
  }
  return (result + result.transpose()) / 2;
}

std::optional<Minimum> minimise(const Objective& f, const VectorXd& start, double far) {
  return minimum(f, {[&](const VectorXd& x) { return rough_gradient(f, x); },
                     [&](const VectorXd& x) { return gradient(f, x); },
                     [&](const VectorXd& x) { return hessian(f, x); }}, start, far);
}

std::optional<Minimum> minimise(const Objective& f, const Gradient& gradient, const VectorXd& start, double far) {
  return minimum(f, {gradient, gradient, [&](const VectorXd& x) { return hessian(gradient, x); }}, start, far);
}

}  // namespace rationale::study
