#include "study/statistics/estimate.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace rationale::study {
namespace {

using boost::math::cdf;
using boost::math::complement;
using boost::math::quantile;

constexpr double kZero = 1e-24;  // squares of rates below this are rounding (statistics.md, 0)
constexpr double kLeastDf = 0.01;  // its quantile of 2.5 % is beyond 1e100

double two_sided(double statistic, std::optional<double> df) {
  const double size = std::abs(statistic);
  if (!df) return std::erfc(size / std::sqrt(2.0));
  return 2 * cdf(complement(boost::math::students_t(*df), size));
}

/// log10 of the two-sided normal tail; asymptotic series where the tail underflows.
double log10_tail(double statistic, double p) {
  if (p > 1e-300) return std::log10(p);
  const double z2 = statistic * statistic;
  const double series = 1 - 1 / z2 + 3 / (z2 * z2) - 15 / (z2 * z2 * z2);
  const double log_p = -z2 / 2 + 0.5 * std::log(2 / (M_PI * z2)) + std::log(series);
  return log_p / std::log(10.0);
}

}  // namespace

double upper_quantile(std::optional<double> df, double tail) {
  if (!df) return quantile(complement(boost::math::normal(), tail));
  return quantile(complement(boost::math::students_t(*df), tail));
}

double f_tail(double f, double df1, std::optional<double> df2) {
  if (!df2) return cdf(complement(boost::math::chi_squared(df1), df1 * f));
  return cdf(complement(boost::math::fisher_f(df1, *df2), f));
}

Outcome tested(double estimate, double variance, std::optional<double> df) {
  if (std::abs(variance) < kZero) {
    return NotEstimable{"zero_variance", "the variance is 0", estimate, 0.0};
  }
  if (variance < 0) {
    return NotEstimable{"negative_variance", "the variance estimate is negative", estimate, variance};
  }
  if (df && *df < kLeastDf) {
    return NotEstimable{"too_few_df", "the degrees of freedom are nearly 0: no test, no interval", estimate, variance};
  }
  Estimate result;
  result.estimate = estimate;
  result.se = std::sqrt(variance);
  result.df = df;
  result.statistic = estimate / result.se;
  result.p = two_sided(result.statistic, df);
  result.log10_p = log10_tail(result.statistic, result.p);
  const double half_width = upper_quantile(df) * result.se;
  result.lower = estimate - half_width;
  result.upper = estimate + half_width;
  return result;
}

}  // namespace rationale::study
