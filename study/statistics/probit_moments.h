// What an RRRC test of two rates is made of, under the probit model of simulated_study.h: exact moments by quadrature.
#pragma once

#include "study/statistics/simulated_study.h"

namespace rationale::study {

/// A call is d = -1, 0 or 1: second arm less first. By kinds of readers r and of cases c (their latent effects in the
/// two arms) and noise e, independent given both: d = effect + a(r) + b(c) + g(r, c) + e, with means 0. A reader's
/// difference of rates is D_j = effect + A_j + B, where
///   A_j = a(r_j) + mean over cases of (g + e)   what readers do not share; like and uncorrelated over readers
///   B   = mean over cases of b                  what they share
/// The test is made of diff = mean of D_j and, as estimates of the variances of A and of B,
///   spread = sample variance of D_j = 2 MS(TR),   shared = 2 (Cov2 - Cov3), unbiased covariances, not clamped.
/// Their means are reader_variance and case_variance; the variance of diff is reader_variance / J + case_variance.
struct TestMoments {
  double effect = 0;
  double reader_variance = 0, reader_third = 0, reader_fourth = 0;  ///< central moments of A_j
  double case_variance = 0, case_third = 0;                         ///< of B
  double common_variance = 0;  ///< of Var(A_j | cases): how far the sample of cases sets all readers' spread
  double spread_variance = 0, shared_variance = 0;
  // Covariances of mean A or of B with spread and shared. Cov(mean A, spread) is reader_third / J.
  double case_spread = 0, reader_shared = 0, case_shared = 0, spread_shared = 0;
};

/// The model at two rates: what does not depend on how many readers and cases there are, worked out once.
class ProbitModel {
 public:
  /// @param variances  of the latent rating; add up to 1
  /// @throws Error (kInput) for rates outside (0, 1), variances that do not add up to 1 or leave no error
  ProbitModel(const LatentVariances& variances, double first, double second);

  /// Exact but for terms 1/n_cases of the size of others in shared_variance (the mean of a case's products is taken as
  /// known) and in spread_shared, and for the quadrature: Gauss-Hermite, 20 nodes for what the arms share of an effect,
  /// 10 for half their difference.
  /// @throws Error (kInput) for fewer than 2 readers or cases
  TestMoments moments(int n_readers, int n_cases) const;

 private:
  Eigen::ArrayXd reader_weight_, case_weight_;  ///< how frequent each kind of readers and of cases is
  Eigen::ArrayXXd mean_, square_;               ///< E d and E d^2 of a reader of one kind and a case of another
};

}  // namespace rationale::study
