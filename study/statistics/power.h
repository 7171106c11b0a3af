// Power and sample size of a reader study, from a pilot's variance components (Hillis, Obuchowski & Berbaum,
// Acad Radiol 18:129, 2011).
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "study/statistics/estimate.h"
#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {

/// Of one figure of merit. `n_cases` is K*: all cases for an AUC, normal cases for an FPR, diseased ones for a
/// sensitivity; planned numbers of cases count the same, with the same mix.
struct PilotComponents {
  double var_reader = 0, var_arm_reader = 0;  ///< may be negative: then 0 is used
  CovarianceComponents covariance;
  double n_cases = 0;
};
PilotComponents pilot_components(const ObuchowskiRockette& pilot, double n_cases);

enum class Generalises { kReadersAndCases, kCases, kReaders };  ///< RRRC, FRRC, RRFC

struct Power {
  double power = 0;
  double ncp = 0;            ///< lambda
  std::optional<double> df;  ///< of the denominator; empty: chi-squared
  double critical = 0;       ///< value of F or chi-squared
};

/// With r = K*/K, c = max(Cov2 - Cov3, 0), s = max(VarTR, 0):
///   RRRC  E = s + r (Var - Cov1 + (J-1) c),  df = E^2 (J-1) / (s + r (Var - Cov1 - c))^2
///   FRRC  the same E without s, chi-squared;  RRFC  E = s + r (Var - Cov1 - c), df = J - 1
///   lambda = effect^2 J / (2 E),  power = P(F'(1, df, lambda) > F(1 - alpha; 1, df))
/// @throws Error (kInput) unless J >= 2 (FRRC: 1), cases > 0, K* > 0, 0 < alpha < 1 and E > 0
Power power_of(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double effect,
               double alpha = 0.05);

/// Power of a claim of non-inferiority: one-sided at alpha/2 that the loss is below the margin.
/// delta = distance / sqrt(2 E / J), power = P(T'(df, delta) > t(1 - alpha/2; df)); E and df as above.
/// @param distance  margin less the true loss; ncp is delta^2, critical the square of t's (FRRC: z's)
/// @throws Error (kInput) as power_of
Power noninferiority_power_of(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double distance,
                              double alpha = 0.05);

enum class Sides { kTwo, kOne };  ///< kOne: non-inferiority, at alpha/2

/// Power of p = max(RRRC, RRFC): the difference must pass both limits. With M = MS(TR) = within X / (J - 1), X chi-squared
/// with J - 1 degrees of freedom and independent of the mean difference, and r J c known (within, r and c as above):
///   limit(M)^2 = max(t^2(df(M)) (M + r J c), t^2(J - 1) M) 2 / J,  df(M) = (M + r J c)^2 (J - 1) / M^2
/// integrated over X (Gauss-Kronrod).
/// @param effect  of kOne: the distance, as noninferiority_power_of
/// @throws Error (kInput) as power_of, of RRRC
double careful_power_of(const PilotComponents& pilot, int n_readers, double n_cases, double effect, double alpha = 0.05,
                        Sides sides = Sides::kTwo);

struct CasesNeeded {
  int n_cases = 0;
  double power = 0;  ///< with so many cases, at least the one asked for
};

/// How to look for them: more cases need not mean more power (degrees of freedom fall as the cases' share of the error
/// does), so up from `least` by `growth`, at least by one; then the last step is halved until it is `precision` of it.
struct CaseSearch {
  int least = 2, most = 1000000;
  double growth = 1.05, precision = 0;
};
/// The fewest cases for which `power_with` says `target`.
/// @return  NotEstimable "not_reachable", with the highest power found as its estimate
std::variant<CasesNeeded, NotEstimable> fewest_cases(const std::function<double(int)>& power_with, int n_readers,
                                                     double target, const CaseSearch& search = {});

}  // namespace rationale::study
