#include "study/statistics/pearson_nodes.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace rationale::study {

Nodes pearson_nodes(int n, double skewness) {
  Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(n, n);
  for (int i = 0; i < n; ++i) {
    jacobi(i, i) = i * skewness;
    if (i > 0) jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(i * (1 + (i - 1) * skewness * skewness / 4));
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
  return {solver.eigenvalues().array(), solver.eigenvectors().row(0).transpose().array().square()};
}

}  // namespace rationale::study
