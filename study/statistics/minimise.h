// Minima of smooth functions of a few parameters, by numerical derivatives or a gradient that is given.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <optional>

namespace rationale::study {

using Objective = std::function<double(const Eigen::VectorXd&)>;
using Gradient = std::function<Eigen::VectorXd(const Eigen::VectorXd&)>;

/// Central differences with two steps, h and 2h (error h^4), h = 1e-3 max(1, |x_i|).
Eigen::VectorXd gradient(const Objective& f, const Eigen::VectorXd& x);
Eigen::MatrixXd hessian(const Objective& f, const Eigen::VectorXd& x);

/// The same from a gradient: 4 n calls in place of 4 n + 4 n (n - 1) values, and no digits lost to the value's size.
Eigen::MatrixXd hessian(const Gradient& gradient, const Eigen::VectorXd& x);

struct Minimum {
  Eigen::VectorXd x;
  double value = 0;
};

/// BFGS from `start`, then Newton steps with the derivatives above. `f` may return infinity where it is not
/// defined, but not at the start.
/// @throws Interrupted
/// @return  empty where no minimum is reached (|x| passes `far`, or 150 rounds and 20 Newton steps)
std::optional<Minimum> minimise(const Objective& f, const Eigen::VectorXd& start, double far = 1e3);

/// The same with f's own gradient, which is asked for only where f has just been called.
std::optional<Minimum> minimise(const Objective& f, const Gradient& gradient, const Eigen::VectorXd& start,
                                double far = 1e3);

}  // namespace rationale::study
