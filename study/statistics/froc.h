// Free-response studies: readers mark and rate places; figures of merit and their jackknife.
#pragma once

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

#include "study/statistics/case_readings.h"

namespace rationale::study {

/// Cases are normal first, then diseased. No mark is "unmarked": below every rating, and equal to itself.
struct FrocCase {
  double highest_nonlesion = 0;       ///< rating of the highest mark that hits no lesion
  bool has_nonlesion = false;
  int n_nonlesion = 0;
  std::vector<double> lesion_rating;  ///< diseased: of each lesion
  std::vector<bool> is_marked;        ///< diseased: whether the lesion was marked
};

struct FrocStudy {
  std::vector<std::string> arms, readers, normal, diseased;
  std::vector<int> normal_patient, diseased_patient;  ///< of each case; one numbering 0 … of those that have cases
  bool has_patient_column = false;                    ///< else every case is a patient of its own
  std::vector<std::vector<double>> weights;  ///< [diseased][lesion], sum 1 in each case
  std::vector<std::vector<FrocCase>> cells;  ///< arm-major: arm * n_readers + reader; [cases]

  int n_lesions() const;
  PatientFacts patients() const;
};

/// Chakraborty, Observer Performance Methods for Diagnostic Imaging, 2017:
///   AFROC   mean of psi(x, z) over normal cases (x: highest non-lesion rating) and lesions (z)
///   wAFROC  the same with lesions weighted, each diseased case counting once
///   AFROC1, wAFROC1  x from all cases;  HrAuc  AUC of the highest rating of any mark of a case
///   MaxLLF  marked lesions / lesions;  MaxNLF  non-lesion marks on normal cases / normal cases
///   HrSe, HrSp  "any mark" as a positive call
enum class FrocMerit { kWafroc, kAfroc, kWafroc1, kAfroc1, kHrAuc, kMaxLlf, kMaxNlf, kHrSe, kHrSp };
inline constexpr std::array<const char*, 9> kFrocMeritNames{"wAFROC", "AFROC", "wAFROC1", "AFROC1", "HrAuc",
                                                            "MaxLLF", "MaxNLF", "HrSe", "HrSp"};

/// One figure of merit in every cell, and without each of the patients, with all the patient's cases, that enter it
/// (all of them, those with normal or those with diseased cases).
struct FrocJackknife {
  Eigen::VectorXd value;    ///< [cells]
  Eigen::MatrixXd without;  ///< [cells, patients]; without a column patient, in the order of cases

  /// (P-1)/P sum of products of deviations: [cells, cells].
  Eigen::MatrixXd covariance() const;
  Eigen::MatrixXd table(Eigen::Index n_readers) const;  ///< [arms, readers]
};

/// @pre normal cases of two or more patients, and diseased ones (load_froc checks)
FrocJackknife froc_jackknife(const FrocStudy& study, FrocMerit merit);

}  // namespace rationale::study
