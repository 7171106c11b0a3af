// Upper tails and quantiles of the reference distributions; accurate where 1 - cdf would be 0.
#pragma once

namespace rationale::study {

/// P(Z > z), standard normal.
double normal_tail(double z);
/// The z with P(Z > z) = tail. @pre 0 < tail < 1
double normal_quantile(double tail);

/// P(T > t), Student's t with `df` > 0 degrees of freedom (real).
double t_tail(double t, double df);
/// The t with P(T > t) = tail. @pre 0 < tail < 1
double t_quantile(double tail, double df);

/// P(chi^2 > x). @pre x >= 0, df > 0
double chi2_tail(double x, double df);
double chi2_quantile(double tail, double df);

/// The f with P(F > f) = tail; its tail is f_tail (estimate.h).
double f_quantile(double tail, double df1, double df2);

/// P(F' > f) with non-centrality lambda >= 0: what a test with critical value f finds.
double noncentral_f_tail(double f, double df1, double df2, double lambda);
double noncentral_chi2_tail(double x, double df, double lambda);
/// P(T' > t) with non-centrality delta of either sign: what a one-sided test finds.
double noncentral_t_tail(double t, double df, double delta);

}  // namespace rationale::study
