// What the probit model of simulated_study.h implies for rates: the components that a power formula needs, exactly.
#pragma once

#include "study/statistics/power.h"
#include "study/statistics/simulated_study.h"

namespace rationale::study {

/// P(X > a, Y > b) of a bivariate standard normal with correlation 0 <= rho < 1 (Plackett, Biometrika 41:351, 1954):
///   Q(a) Q(b) + 1/(2 pi) int_0^rho exp(-(a^2 - 2 a b r + b^2) / (2 (1 - r^2))) / sqrt(1 - r^2) dr
double both_above(double a, double b, double rho);

/// Components of a study of `n_cases` cases whose rates are `first` and `second`, averaged over the arms:
/// e.g. Cov2 = mean over arms of (P(both readers call the same case) - rate^2) / n.
/// @param variances  of the latent rating; add up to 1
PilotComponents probit_components(const LatentVariances& variances, double first, double second, int n_cases);

/// The second rate, above the first, at which the formula gives RRRC that power; empty where 0.98 is not enough.
std::optional<double> rate_for_power(const LatentVariances& variances, int n_readers, int n_cases, double first,
                                     double power);

}  // namespace rationale::study
