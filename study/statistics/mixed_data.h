// Readings as the rows of a regression: outcome, fixed effects, and which reader read which case.
#pragma once

#include <Eigen/Core>
#include <string>
#include <variant>
#include <vector>

#include "study/statistics/estimate.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

enum class OutcomeValue { kConfidence, kLogTime, kPositive };
enum class CaseSet { kAll, kNormal, kDiseased };

/// Rows are readings, in the order of StudyReadings::records.
struct MixedData {
  Eigen::VectorXd y;               ///< [N]
  Eigen::MatrixXd x;               ///< [N, p]: 1, arm (0: first, 1: second), …; of full column rank
  std::vector<std::string> names;  ///< of the columns, as R names them: (Intercept), armvisible, period2 …
  std::string fixed;               ///< "confidence ~ arm + period"
  Eigen::VectorXd arm;             ///< [N] 0 or 1
  std::vector<int> case_of, reader_of;
  int n_cases = 0, n_readers = 0;  ///< those that have rows
  bool has_patients = false;       ///< a patient of the study has several cases
  std::vector<int> cluster_of;     ///< what was sampled: the patient with has_patients, else the case
  int n_clusters = 0;
};

/// What stands beside the arm on the right.
struct FixedTerms {
  bool period = true;             ///< a factor; left out where the file has none, more than ten, or where it is the arm
  bool truth_interaction = false; ///< arm * truth
  bool readers = false;           ///< a coefficient for each reader but the first
  bool previous_arm = false;      ///< carry-over: the arm of the reader's reading before; readings without are left out
  bool days_since_last = false;   ///< days since the reader saw the case before; readings without are left out
};

/// @return  NotEstimable "one_arm", "no_column", "no_threshold", "no_normal_cases", "no_diseased_cases",
///   "rank_deficient"
std::variant<MixedData, NotEstimable> mixed_data(const StudyReadings& study, OutcomeValue outcome,
                                                 CaseSet cases, const FixedTerms& terms = {});

/// Why a logistic model, with effects of cases and none of patients, has no honest standard errors here.
/// @return  NotEstimable "several_cases_a_patient", or empty
std::optional<NotEstimable> no_patient_effect(const MixedData& data);

/// One coefficient with its test of 0: t with df, else z.
struct Coefficient {
  std::string name;
  Outcome outcome;
};
std::vector<Coefficient> coefficients(const MixedData& data, const Eigen::VectorXd& beta,
                                      const Eigen::MatrixXd& covariance,
                                      const std::vector<std::optional<double>>& df = {});

/// One variance or covariance of random effects, as R's VarCorr lists them.
struct VarianceTerm {
  std::string group, first, second;  ///< second: of a covariance; empty: a variance
  double value = 0;                  ///< variance or covariance
  double size = 0;                   ///< standard deviation or correlation
};

}  // namespace rationale::study
