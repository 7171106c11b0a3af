#include "study/statistics/tails.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/non_central_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "study/statistics/estimate.h"

namespace rationale::study {
namespace {

using boost::math::cdf;
using boost::math::complement;
using boost::math::quantile;

}  // namespace

double normal_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

double normal_quantile(double tail) { return quantile(complement(boost::math::normal(), tail)); }

double t_tail(double t, double df) { return cdf(complement(boost::math::students_t(df), t)); }

double t_quantile(double tail, double df) {
  return quantile(complement(boost::math::students_t(df), tail));
}

double chi2_tail(double x, double df) {
  return cdf(complement(boost::math::chi_squared(df), x));
}

double chi2_quantile(double tail, double df) {
  return quantile(complement(boost::math::chi_squared(df), tail));
}

double f_quantile(double tail, double df1, double df2) {
  return quantile(complement(boost::math::fisher_f(df1, df2), tail));
}

double noncentral_f_tail(double f, double df1, double df2, double lambda) {
  if (lambda == 0) return f_tail(f, df1, df2);
  return cdf(complement(boost::math::non_central_f(df1, df2, lambda), f));
}

double noncentral_chi2_tail(double x, double df, double lambda) {
  if (lambda == 0) return chi2_tail(x, df);
  return cdf(complement(boost::math::non_central_chi_squared(df, lambda), x));
}

double noncentral_t_tail(double t, double df, double delta) {
  if (delta == 0) return t_tail(t, df);
  return cdf(complement(boost::math::non_central_t(df, delta), t));
}

}  // namespace rationale::study
