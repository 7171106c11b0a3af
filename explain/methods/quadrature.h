// Nodes and weights for integrals over 0 … 1.
#pragma once

#include <vector>

namespace rationale::explain {

struct Quadrature {
  std::vector<double> nodes, weights;  ///< nodes ascending, weights sum to 1
};

/// Exact for polynomials up to degree 2n - 1; no node at the ends. Newton's method on the Legendre polynomial
/// (Abramowitz and Stegun 25.4.30). @pre n >= 1
Quadrature gauss_legendre(int n);

/// Equal steps, ends included at half weight. @pre n >= 2
Quadrature trapezoid(int n);

}  // namespace rationale::explain
