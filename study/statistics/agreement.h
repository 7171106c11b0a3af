// Agreement of readers on categories, beyond what chance would give. It describes readers; it tests nothing.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <variant>
#include <vector>

#include "study/statistics/estimate.h"

namespace rationale::study {

/// Categories 0 … Q-1 that each rater gave each case: [cases, raters], complete.
using Categories = Eigen::MatrixXi;

/// Weight of a disagreement by r - s categories: none unless equal; 1 - |r-s|/(q-1); 1 - (r-s)^2/(q-1)^2.
enum class KappaWeights { kNone, kLinear, kQuadratic };

struct CohenKappa {
  double kappa = 0, observed = 0, expected = 0;
  double se = 0;       ///< Fleiss, Cohen & Everitt 1969, for intervals; with patients their deviations are summed first
  double se_null = 0;  ///< under kappa = 0, for a test only; takes cases for independent
  int n = 0;
  Eigen::MatrixXi table;  ///< [categories of the first rater, of the second]
};
/// Two raters. Categories that neither uses are left out. @param patient  of each case; empty: its own
/// @return  NotEstimable "one_category" where chance alone agrees always (p_e = 1)
std::variant<CohenKappa, NotEstimable> cohen_kappa(const Eigen::VectorXi& first, const Eigen::VectorXi& second,
                                                   KappaWeights weights = KappaWeights::kNone,
                                                   const std::vector<int>& patient = {});

struct FleissKappa {
  double kappa = 0, observed = 0, expected = 0;
  double se_null = 0, z = 0, p = 1;  ///< of kappa = 0 only: much too small for an interval; takes cases for independent
};
/// Several raters, nominal categories (Fleiss 1971). @return  NotEstimable "one_category", "one_rater"
std::variant<FleissKappa, NotEstimable> fleiss_kappa(const Categories& categories);

struct Ac1 {
  double ac1 = 0, observed = 0, expected = 0, se = 0;  ///< se over cases (Gwet 2008), or patients
};
/// Gwet's AC1: chance from how hard cases are, not from prevalence; print it beside kappa.
/// Q = the categories that occur. @param patient  of each case; empty: its own @return  NotEstimable as fleiss_kappa
std::variant<Ac1, NotEstimable> gwet_ac1(const Categories& categories, const std::vector<int>& patient = {});

}  // namespace rationale::study
