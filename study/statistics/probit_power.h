// Power of a difference of two rates over readers and cases under the probit model, by integration.
#pragma once

#include "study/statistics/probit_moments.h"

namespace rationale::study {

struct ProbitPower {
  double rrrc = 0;     ///< Obuchowski-Rockette with Hillis's degrees of freedom
  double careful = 0;  ///< max(RRRC, RRFC): both reject
};

/// The test rejects where diff^2 > t^2(df) (spread / J + shared+), df = (J - 1) (1 + J shared+ / spread)^2, all of them
/// random (Hillis 2007; names as in TestMoments, shared+ = max(shared, 0)): for each diff and shared that is a limit on
/// spread, and the power is P(spread below it), integrated over three independent variables, Gauss quadrature:
///   x  Pearson III with B's skewness:       B = sd(B) x
///   y  the same with mean A's:              mean A = sqrt(k(x)) sd(mean A) y
///   z  normal:                              shared = its regression on x and y + the rest of its deviation z
///   spread = reader_variance k(x) h(y) l(z) W: k and l its linear regressions on x and z; h quadratic in y, from
///   Cov(mean A, spread) = mu3 / J and Cov(mean A^2, spread) = kappa4 / J^2. For A_j of a shifted gamma h W is exact:
///   mean and coefficient of variation are then independent.
///   W  chi-squared / (J - 1) with its second Laguerre term, which gives spread its variance (Roy & Tiku, Sankhya A
///   24:181, 1962)
/// Approximated: third and higher joint moments beyond these, and whole numbers of calls taken as continuous. Regressions
/// are cut at a twentieth of their mean, to stay above 0. Worst with few events: without effect and with 5 calls an arm
/// 0.014 above the simulated size (docs/mrmc.md).
/// @throws Error (kInput) unless J >= 2, 0 < alpha < 1 and reader_variance > 0
ProbitPower probit_power(const TestMoments& moments, int n_readers, double alpha = 0.05);

/// @throws Error (kInput) as ProbitModel and its moments
ProbitPower probit_power(const LatentVariances& variances, double first, double second, int n_readers, int n_cases,
                         double alpha = 0.05);

}  // namespace rationale::study
