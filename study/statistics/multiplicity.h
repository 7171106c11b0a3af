// Several hypotheses at once, and claims of "not worse" and "the same".
#pragma once

#include <optional>
#include <vector>

namespace rationale::study {

/// Adjusted p-values, in the order of `p`: compare each with alpha. Holm 1979 (valid under any dependence);
/// Hochberg 1988 (independent or positively dependent tests only); Bonferroni.
std::vector<double> holm(const std::vector<double>& p);
std::vector<double> hochberg(const std::vector<double>& p);
std::vector<double> bonferroni(const std::vector<double>& p);

/// Which hypotheses a fixed order rejects: each at full alpha, until the first that is not rejected.
std::vector<bool> fixed_sequence(const std::vector<double>& p, double alpha);

/// A family of secondary hypotheses, tested (Holm inside) only if every primary one is rejected.
struct Gatekeeping {
  std::vector<bool> primary, secondary;
  std::vector<double> adjusted;  ///< Holm, of the secondary family by itself
};
Gatekeeping serial_gatekeeping(const std::vector<double>& primary, const std::vector<double>& secondary,
                               double alpha);

/// H0: difference <= -margin (the second arm is worse by the margin or more). One-sided.
struct NonInferiority {
  double t = 0, p = 1;  ///< t = (difference + margin) / se; z where df is empty
  double lower = 0;     ///< one-sided (1 - alpha) limit of the difference
  bool is_met = false;  ///< lower > -margin
};
/// @throws Error (kInput) unless se > 0, margin > 0 and 0 < alpha < 0.5
NonInferiority non_inferiority(double difference, double se, std::optional<double> df, double margin,
                               double alpha = 0.025);

/// Two one-sided tests: both H0: difference <= -margin and H0: difference >= margin (Schuirmann 1987).
struct Equivalence {
  double t_lower = 0, t_upper = 0, p_lower = 1, p_upper = 1;
  double p = 1;                 ///< the larger of the two
  double lower = 0, upper = 0;  ///< the (1 - 2 alpha) interval; equivalent when it is inside +-margin
  bool is_met = false;
};
/// @throws Error (kInput) as non_inferiority
Equivalence equivalence(double difference, double se, std::optional<double> df, double margin,
                        double alpha = 0.05);

}  // namespace rationale::study
