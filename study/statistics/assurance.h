// Expected power where the effect is not known for certain.
#pragma once

#include <functional>
#include <limits>

namespace rationale::study {

/// What is believed of an effect: normal, cut at `low` and `high` (a rate stays between 0 and 1).
struct EffectPrior {
  double mean = 0, deviation = 0;
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();

  double cut() const;         ///< share of the normal beyond low and high
  double other_sign() const;  ///< P(the effect has not the sign of `mean`), of what is not cut
  /// @throws Error (kInput) unless mean != 0, deviation > 0 and low <= mean <= high
  void check() const;
};

/// The prior of second rate less `rate`, cut where the second rate leaves [0.001, 0.999].
EffectPrior prior_of_rate(double rate, double effect, double deviation);

/// Mean of power(effect) over the prior (O'Hagan, Stevens & Campbell, Pharm Stat 4:187, 2005). A test that rejects where
/// the effect has the other sign has not found what was planned and counts as 0: the assurance is at most
/// 1 - other_sign(), and a wide prior does not raise it to 1. Adaptive Gauss-Kronrod quadrature over 6 deviations either
/// way. @param tolerance  relative: looser where the power takes long, or has rounding of its own
/// @throws Error (kInput) as prior.check()
double assurance(const EffectPrior& prior, const std::function<double(double)>& power, double tolerance = 1e-7);

}  // namespace rationale::study
