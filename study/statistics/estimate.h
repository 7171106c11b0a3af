// A tested quantity: estimate, standard error, reference distribution, p-value and interval; or a reason.
#pragma once

#include <optional>
#include <string>
#include <variant>

namespace rationale::study {

/// An estimate with its two-sided test of 0 and its 95 % interval. All values are finite.
struct Estimate {
  double estimate = 0;
  double se = 0;             ///< > 0
  std::optional<double> df;  ///< of Student's t; empty: the normal distribution
  double statistic = 0;      ///< estimate / se: t with df, else z
  double p = 1;              ///< two-sided; 0 only where it underflows: see log10_p
  double log10_p = 0;        ///< finite also where p underflows
  double lower = 0;
  double upper = 0;
};

/// Why there is no test.
struct NotEstimable {
  std::string code;    ///< stable, such as "zero_variance"
  std::string reason;  ///< one sentence for a reader of the report
  std::optional<double> estimate;
  std::optional<double> variance;  ///< the value that forbids the test, where one was computed
};

using Outcome = std::variant<Estimate, NotEstimable>;

/// The test and interval of `estimate` with `variance`, on `df` degrees of freedom (empty: normal).
/// @return  NotEstimable, "zero_variance" or "negative_variance", unless variance >= 1e-24
Outcome tested(double estimate, double variance, std::optional<double> df);

/// P(F > f) with df1 and df2 degrees of freedom, from the survival function. df2 empty: infinite,
/// that is P(chi^2 > df1 f) with df1.
double f_tail(double f, double df1, std::optional<double> df2);

/// The 1 - tail quantile of Student's t; df empty: of the normal distribution.
double upper_quantile(std::optional<double> df, double tail = 0.025);

}  // namespace rationale::study
