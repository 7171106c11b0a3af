#include "study/statistics/probit_components.h"

#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>

#include "study/statistics/tails.h"

namespace rationale::study {

double both_above(double a, double b, double rho) {
  const auto density = [&](double r) {
    const double rest = 1 - r * r;
    return std::exp(-(a * a - 2 * a * b * r + b * b) / (2 * rest)) / std::sqrt(rest);
  };
  const double area = rho > 0 ? boost::math::quadrature::gauss<double, 30>::integrate(density, 0.0, rho) : 0;
  return normal_tail(a) * normal_tail(b) + area / (2 * std::numbers::pi);
}

PilotComponents probit_components(const LatentVariances& v, double first, double second, int n_cases) {
  const double cut[2] = {normal_quantile(first), normal_quantile(second)}, rate[2] = {first, second};
  const double n = n_cases, reader = v.reader + v.arm_reader;
  PilotComponents result;
  result.n_cases = n;
  CovarianceComponents& c = result.covariance;
  for (int arm = 0; arm < 2; ++arm) {
    const double same_reader = both_above(cut[arm], cut[arm], reader);  // other cases
    const double square = rate[arm] * rate[arm];
    c.var += (rate[arm] - same_reader) / n / 2;
    c.cov2 += (both_above(cut[arm], cut[arm], v.cases + v.arm_case) - square) / n / 2;
    result.var_arm_reader += (same_reader - square) / 2;
  }
  const double product = first * second, same_reader = both_above(cut[0], cut[1], v.reader);
  c.cov1 = (both_above(cut[0], cut[1], v.reader + v.cases + v.reader_case) - same_reader) / n;
  c.cov3 = (both_above(cut[0], cut[1], v.cases) - product) / n;
  result.var_reader = same_reader - product;
  result.var_arm_reader -= same_reader - product;
  return result;
}

std::optional<double> rate_for_power(const LatentVariances& v, int n_readers, int n_cases, double first, double power) {
  const auto power_at = [&](double second) {
    return power_of(probit_components(v, first, second, n_cases), Generalises::kReadersAndCases, n_readers, n_cases,
                    second - first)
        .power;
  };
  double low = first, high = 0.98;
  if (power_at(high) < power) return std::nullopt;
  for (int step = 0; step < 50; ++step) {
    const double middle = (low + high) / 2;
    (power_at(middle) < power ? low : high) = middle;
  }
  return high;
}

}  // namespace rationale::study
