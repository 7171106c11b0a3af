// Linear mixed models of confidence and log reading time: cases random, readers random with or without their
// own effect of the arm.
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "study/statistics/mixed_data.h"

namespace rationale::study {

/// Besides (1 | case), and (1 | patient) where patients have several cases:
enum class ReaderEffects {
  kNone,                ///< readers are fixed, or not in the model
  kIntercept,           ///< (1 | reader): as if the arm acted alike on all readers
  kSlopes,              ///< (1 + arm | reader)
  kUncorrelatedSlopes,  ///< (1 | reader) + (0 + arm | reader)
};
enum class Likelihood { kReml, kMl };

/// The sums of squares and products that a fit needs; their size does not depend on the number of cases
/// except for `by_case`. Columns are [z (m) | x (p) | y (1)], z the random effects of readers.
///
/// V = I + t_c^2 Zc Zc' + Zr L L' Zr' in units of sigma^2. With w(n) = t_c^2 / (1 + t_c^2 n) for a case
/// of n readings, (I + t_c^2 Zc Zc')^-1 leaves  total - sum_n w(n) cross[n]  of the products: all cases
/// with equally many readings share one matrix.
/// Patients, t_p^2 Zp Zp', take further  sum_p t_p^2 / (1 + t_p^2 h_p) g_p g_p',  g_p = sum over the patient's cases of their
/// sums / (1 + t_c^2 n), h_p the same of n.
struct MixedSums {
  Eigen::Index m = 0, p = 0;
  Eigen::MatrixXd total;                 ///< [m+p+1, m+p+1]
  Eigen::MatrixXd by_case;               ///< [K, m+p+1]: column sums within each case
  std::vector<int> n_readings;           ///< [K]
  std::map<int, Eigen::MatrixXd> cross;  ///< by n: sum over cases of (sums)(sums)'
  std::map<int, int> n_cases;            ///< by n
  /// By n: sums of by_case over each patient's cases, [P, m+p+1], and how many these are, [P]. Empty without their effect.
  struct OfPatients {
    Eigen::MatrixXd sums;
    Eigen::VectorXd n_cases;
  };
  std::map<int, OfPatients> patients;
};

/// Whether the model has an effect of the patient: some in these rows have several cases.
bool has_patient_effect(const MixedData& data);
MixedSums mixed_sums(const MixedData& data, ReaderEffects readers);

/// Lambda of all readers, [m, m], from relative Cholesky factors (t_c first, then the reader's; t_p last).
Eigen::MatrixXd reader_factor(const MixedData& data, ReaderEffects readers, const Eigen::VectorXd& theta);

struct LinearMixed {
  ReaderEffects readers = ReaderEffects::kIntercept;
  Likelihood likelihood = Likelihood::kReml;
  std::string formula;
  std::vector<Coefficient> satterthwaite;  ///< t with Satterthwaite's df
  Eigen::VectorXd beta;
  Eigen::MatrixXd covariance;              ///< of beta
  std::vector<VarianceTerm> variance;      ///< case, patient, reader …, Residual
  Eigen::VectorXd theta;                   ///< relative Cholesky factors: t_c, then of readers, then t_p
  double sigma = 0;                        ///< of the residual
  double log_likelihood = 0, aic = 0, bic = 0;
  bool is_singular = false;  ///< a variance is estimated as 0, or a correlation as +-1
  int n = 0;
};

/// Profiled deviance (Bates et al., JSS 67(1), 2015), minimised; REML constants as in lme4.
/// Satterthwaite: df = 2 f^2 / (g' A g) with A = 2 H^-1, H the Hessian of the deviance in (theta, sigma)
/// (Kuznetsova et al., JSS 82(13), 2017); directions without curvature (a variance of 0) are left out.
/// @return  NotEstimable "zero_variance" (no residual), "no_maximum"
std::variant<LinearMixed, NotEstimable> linear_mixed(const MixedData& data, ReaderEffects readers,
                                                     Likelihood likelihood = Likelihood::kReml);

/// Kenward & Roger 1997: adjusted covariance and df of each coefficient of a REML fit.
/// df = 2 / A, A = sum W_ij (l'C P_i C l)(l'C P_j C l) / (l'C l)^2 for a single coefficient.
/// @return  NotEstimable "no_information" where the variance components have no information matrix;
///   "several_cases_a_patient": not made for an effect of the patient
std::variant<std::vector<Coefficient>, NotEstimable> kenward_roger(const MixedData& data,
                                                                   const LinearMixed& fit);

}  // namespace rationale::study
