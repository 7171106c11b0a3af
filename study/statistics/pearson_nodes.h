// Gauss quadrature for a normal distribution, or for one with a given skewness.
#pragma once

#include <Eigen/Core>

namespace rationale::study {

/// Mean of f = sum of weight(i) f(node(i)), exact for polynomials up to degree 2n - 1.
struct Nodes {
  Eigen::ArrayXd node, weight;  ///< weights add up to 1
};

/// Of Pearson's type III with mean 0, variance 1 and `skewness` (a shifted gamma, turned where it is negative; the
/// normal at 0). From the recurrence of its orthogonal polynomials, generalised Laguerre or Hermite: the Jacobi matrix
/// has i s on the diagonal and sqrt(i (1 + (i - 1) s^2 / 4)) beside it (Golub & Welsch, Math Comp 23:221, 1969).
/// @pre n >= 1
Nodes pearson_nodes(int n, double skewness = 0);

}  // namespace rationale::study
