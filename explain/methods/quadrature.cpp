#include "explain/methods/quadrature.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace rationale::explain {
namespace {

struct Legendre {
  double value, slope;
};

/// P_n and its derivative at x, |x| < 1, by the three-term recurrence.
Legendre legendre(int n, double x) {
  double before = 1, here = x;
  for (int k = 2; k <= n; ++k) {
    const double next = ((2 * k - 1) * x * here - (k - 1) * before) / k;
    before = here;
    here = next;
  }
  return {here, n * (x * here - before) / (x * x - 1)};
}

}  // namespace

Quadrature gauss_legendre(int n) {
  const auto count = static_cast<std::size_t>(n);
  Quadrature rule{std::vector<double>(count), std::vector<double>(count)};
  for (int i = 0; i < (n + 1) / 2; ++i) {
    double x = std::cos(std::numbers::pi * (i + 0.75) / (n + 0.5));  // close enough for Newton
    Legendre p = legendre(n, x);
    for (int round = 0; round < 100 && std::abs(p.value) > 1e-16; ++round) {
      const double step = p.value / p.slope;
      x -= step;
      p = legendre(n, x);
      if (std::abs(step) < 1e-16) break;
    }
    const auto low = static_cast<std::size_t>(i), high = count - 1 - low;
    rule.nodes[low] = (1 - x) / 2;  // the roots come in pairs
    rule.nodes[high] = (1 + x) / 2;
    rule.weights[low] = rule.weights[high] = 1 / ((1 - x * x) * p.slope * p.slope);
  }
  return rule;
}

Quadrature trapezoid(int n) {
  Quadrature rule;
  for (int i = 0; i < n; ++i) {
    rule.nodes.push_back(static_cast<double>(i) / (n - 1));
    rule.weights.push_back((i == 0 || i == n - 1 ? 0.5 : 1.0) / (n - 1));
  }
  return rule;
}

}  // namespace rationale::explain
