#include "study/statistics/multiplicity.h"

#include <algorithm>
#include <numeric>

#include "data/base/error.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

/// Places of `p` from the smallest to the largest value; equal ones stay in their order.
std::vector<std::size_t> ascending(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

double tail(double statistic, std::optional<double> df) {
  return df ? t_tail(statistic, *df) : normal_tail(statistic);
}

double quantile(double alpha, std::optional<double> df) {
  return df ? t_quantile(alpha, *df) : normal_quantile(alpha);
}

void check_claim(double se, double margin, double alpha) {
  if (se > 0 && margin > 0 && alpha > 0 && alpha < 0.5) return;
  throw Error(Error::Kind::kInput,
              "a margin test needs a standard error and a margin above 0, and alpha between 0 and 0.5");
}

}  // namespace

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<double> result(p.size());
  double highest = 0;
  std::size_t left = p.size();
  for (const std::size_t place : ascending(p)) {
    highest = std::max(highest, std::min(1.0, static_cast<double>(left--) * p[place]));
    result[place] = highest;
  }
  return result;
}

std::vector<double> hochberg(const std::vector<double>& p) {
  std::vector<double> result(p.size());
  std::vector<std::size_t> order = ascending(p);
  std::ranges::reverse(order);
  double lowest = 1;
  std::size_t step = 0;
  for (const std::size_t place : order) {
    lowest = std::min(lowest, static_cast<double>(++step) * p[place]);
    result[place] = lowest;
  }
  return result;
}

std::vector<double> bonferroni(const std::vector<double>& p) {
  std::vector<double> result;
  for (const double one : p) result.push_back(std::min(1.0, static_cast<double>(p.size()) * one));
  return result;
}

std::vector<bool> fixed_sequence(const std::vector<double>& p, double alpha) {
  std::vector<bool> result;
  bool is_open = true;
  for (const double one : p) {
    is_open = is_open && one <= alpha;
    result.push_back(is_open);
  }
  return result;
}

Gatekeeping serial_gatekeeping(const std::vector<double>& primary, const std::vector<double>& secondary,
                               double alpha) {
  Gatekeeping result{.primary = {}, .secondary = {}, .adjusted = holm(secondary)};
  for (const double one : primary) result.primary.push_back(one <= alpha);
  const bool is_open = std::ranges::all_of(result.primary, [](bool one) { return one; });
  for (const double one : result.adjusted) result.secondary.push_back(is_open && one <= alpha);
  return result;
}

NonInferiority non_inferiority(double difference, double se, std::optional<double> df, double margin,
                               double alpha) {
  check_claim(se, margin, alpha);
  NonInferiority result;
  result.t = (difference + margin) / se;
  result.p = tail(result.t, df);
  result.lower = difference - quantile(alpha, df) * se;
  result.is_met = result.lower > -margin;
  return result;
}

Equivalence equivalence(double difference, double se, std::optional<double> df, double margin,
                        double alpha) {
  check_claim(se, margin, alpha);
  Equivalence result;
  result.t_lower = (difference + margin) / se;
  result.t_upper = (margin - difference) / se;
  result.p_lower = tail(result.t_lower, df);
  result.p_upper = tail(result.t_upper, df);
  result.p = std::max(result.p_lower, result.p_upper);
  const double half_width = quantile(alpha, df) * se;
  result.lower = difference - half_width;
  result.upper = difference + half_width;
  result.is_met = result.lower > -margin && result.upper < margin;
  return result;
}

}  // namespace rationale::study
