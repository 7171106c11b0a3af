// The readings of the cases of one truth as matrices, and the same summed over each patient's cases.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace rationale::study {

/// Values of the cases of one truth. Rows are cells, arm-major: row = arm * n_readers + reader.
struct CaseReadings {
  Eigen::MatrixXd value;     ///< [cells, cases], finite; 0 where not read
  Eigen::MatrixXd read;      ///< [cells, cases], 1 where read, else 0
  std::vector<int> patient;  ///< of each case, one numbering for both truths; empty: every case is a patient
};

/// Some cells' readings of the same cases.
CaseReadings with_cells(const CaseReadings& readings, const std::vector<int>& cells);

/// The patients of normal and diseased cases under one numbering 0 … n - 1.
struct Patients {
  std::vector<int> normal, diseased;  ///< of each case
  int n = 0;
  /// A patient with cases of both truths ties the two samples of an AUC together.
  bool is_any_mixed = false;
};
Patients patients_of(const CaseReadings& normal, const CaseReadings& diseased);

/// Whom cases belong to: what a study samples are patients.
struct PatientFacts {
  bool has_column = false;
  int n = 0, most_cases = 0;  ///< patients, and cases of the one with most
  bool is_any_mixed = false;  ///< a patient has cases of both truths

  bool is_clustered() const { return most_cases > 1; }
};

/// @param normal, diseased  the patient of each case, one numbering
PatientFacts patient_facts(const std::vector<int>& normal, const std::vector<int>& diseased, bool has_column);

/// One column a patient: sums of values, numbers of readings.
struct PatientReadings {
  Eigen::MatrixXd value, read;  ///< [cells, patients]
};
PatientReadings by_patient(const CaseReadings& readings);

/// Columns summed where `group` says the same number. @param group  of each column, 0 … n_groups - 1
Eigen::MatrixXd summed_columns(const Eigen::MatrixXd& values, const std::vector<int>& group, int n_groups);

/// Whether every cell read cases of two or more patients: fewer have no covariance.
bool has_two_patients_everywhere(const CaseReadings& readings);

}  // namespace rationale::study
