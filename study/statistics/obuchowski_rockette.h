// Obuchowski-Rockette analysis of a figure of merit: do the arms differ, and for whom does that hold?
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "study/statistics/estimate.h"

namespace rationale::study {

/// Averages of the error covariances: all cells; same reader; same arm; neither.
/// Cov2 and Cov3 are 0 with one reader, Cov1 and Cov3 with one arm, by convention.
struct CovarianceComponents {
  double var = 0, cov1 = 0, cov2 = 0, cov3 = 0;
};

/// MS(T), MS(R), MS(TR); exactly 0 where below 1e-24 (rounding).
struct MeanSquares {
  double arm = 0, reader = 0, arm_reader = 0;
};

/// One arm by itself. `variance` is MS(R)_i (random readers) or Var_i (fixed readers).
struct ArmResult {
  double variance = 0, cov2 = 0;
  Outcome mean;  ///< limits may leave [0, 1]
};

struct Difference {
  int first = 0, second = 0;  ///< arms; the difference is second - first
  Outcome outcome;
};

/// A test over all arms. RRRC and RRFC: F with df1, df2 (empty: infinite); FRRC: chi^2 = df1 F.
struct GlobalTest {
  double denominator = 0;
  std::optional<double> f;  ///< empty where there is no error term
  double df1 = 0;
  std::optional<double> df2;
  double p = 1;
};

struct Analysis {
  GlobalTest test;
  std::vector<Difference> differences;  ///< pairs (0,1), (0,2), (1,2) …
  std::vector<ArmResult> arms;
};

struct ObuchowskiRockette {
  Eigen::VectorXd arm_mean;
  CovarianceComponents covariance;
  MeanSquares mean_squares;
  double var_reader = 0, var_arm_reader = 0;                  ///< may be negative; not clamped
  double var_reader_clamped = 0, var_arm_reader_clamped = 0;  ///< as RJafroc: max(Cov2 - Cov3, 0)
  Analysis rrrc;  ///< generalises to readers and cases
  Analysis frrc;  ///< to cases, for these readers; never clamped
  Analysis rrfc;  ///< to readers, for these cases
  double frrc_denominator_clamped = 0;
  std::vector<std::vector<Difference>> frrc_readers;  ///< each reader by itself
};

/// Hillis 2007 and 2014 (statistics.md, section 3). df_H = E^2 (I-1)(J-1) / MS(TR)^2.
/// @param theta       [I, J], arms x readers, I >= 2, J >= 2
/// @param covariance  [IJ, IJ], arm-major
/// @throws Error (kInput) if the shapes do not fit or I < 2 or J < 2
ObuchowskiRockette obuchowski_rockette(const Eigen::MatrixXd& theta,
                                       const Eigen::MatrixXd& covariance);

/// What the arms' mean square is compared with (statistics.md, section 3); 2/J of it is the variance of a difference.
struct ErrorTerms {
  double random = 0;   ///< RRRC: MS(TR) + J max(Cov2 - Cov3, 0)
  double fixed = 0;    ///< FRRC: Var - Cov1 + (J-1)(Cov2 - Cov3), never clamped
  double readers = 0;  ///< RRFC: MS(TR)
  double shared = 0;   ///< Cov2 - Cov3, exactly 0 where it is rounding
  std::optional<double> df;  ///< df_H of RRRC; empty: infinite
  double df_readers = 0;     ///< (I-1)(J-1)
};
ErrorTerms error_terms(const MeanSquares& mean_squares, const CovarianceComponents& covariance, Eigen::Index n_arms,
                       Eigen::Index n_readers);

/// MS(T), MS(R), MS(TR) of theta, [I, J].
MeanSquares mean_squares(const Eigen::MatrixXd& theta);

/// Averages of `covariance` over the cells, for any I, J >= 1.
CovarianceComponents covariance_components(const Eigen::MatrixXd& covariance, Eigen::Index n_arms,
                                           Eigen::Index n_readers);

/// Mean of the covariances of different readers in arms `first` and `second` (Cov2 or Cov3 of the pair).
double mean_between_readers(const Eigen::MatrixXd& covariance, Eigen::Index n_readers,
                            Eigen::Index first, Eigen::Index second);

}  // namespace rationale::study
