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

/// The fewest cases with `target` power by the formula, up to a million.
/// @return  NotEstimable as fewest_cases
std::variant<CasesNeeded, NotEstimable> cases_needed(const PilotComponents& pilot, Generalises to, int n_readers,
                                                     double effect, double target, double alpha = 0.05);

}  // namespace rationale::study
