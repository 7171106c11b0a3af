#include "study/statistics/assurance.h"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numbers>

#include "data/base/error.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

constexpr double kLeastRate = 0.001, kDeviations = 6;
constexpr unsigned kHalvings = 8;

double density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

/// P(a < normal < b) of the prior before it is cut.
double share(const EffectPrior& p, double a, double b) {
  return normal_tail((a - p.mean) / p.deviation) - normal_tail((b - p.mean) / p.deviation);
}

}  // namespace

double EffectPrior::cut() const { return 1 - share(*this, low, high); }

double EffectPrior::other_sign() const {
  const double other = mean > 0 ? share(*this, low, std::max(low, 0.0)) : share(*this, std::min(high, 0.0), high);
  return other / share(*this, low, high);
}

void EffectPrior::check() const {
  if (mean == 0 || !(deviation > 0) || mean < low || mean > high) {
    throw Error(Error::Kind::kInput, "an assurance needs an effect that is not 0, possible, and uncertain", {},
                "give --effect with --effect-sd above 0, and rates between 0.001 and 0.999");
  }
}

EffectPrior prior_of_rate(double rate, double effect, double deviation) {
  return {effect, deviation, kLeastRate - rate, 1 - kLeastRate - rate};
}

double assurance(const EffectPrior& p, const std::function<double(double)>& power, double tolerance) {
  p.check();
  const double from = std::max(p.low, p.mean - kDeviations * p.deviation);
  const double to = std::min(p.high, p.mean + kDeviations * p.deviation);
  const double low = p.mean > 0 ? std::max(from, 0.0) : from, high = p.mean > 0 ? to : std::min(to, 0.0);
  const auto integrand = [&](double effect) {
    return density((effect - p.mean) / p.deviation) / p.deviation * power(effect);
  };
  const auto area = [&](double a, double b) {
    if (!(b > a)) return 0.0;
    return boost::math::quadrature::gauss_kronrod<double, 21>::integrate(integrand, a, b, kHalvings, tolerance);
  };
  return std::clamp((area(low, p.mean) + area(p.mean, high)) / share(p, p.low, p.high), 0.0, 1.0);
}

}  // namespace rationale::study
