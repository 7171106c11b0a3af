// Which images teach which concepts: labels, patients and strata of a concept set.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/cases/cases.h"
#include "data/records/concept_library.h"

namespace rationale::concepts {

struct TrainingConcept {
  std::string name;
  int version = 1;
  bool is_confounder = false;
  std::optional<double> kappa;  ///< of the two annotators with most images in common
};

/// n images, K concepts, S dummy columns.
struct TrainingSet {
  std::vector<Case> cases;
  std::vector<int> groups;      ///< patient number of each row; a row without patient is its own
  std::vector<TrainingConcept> concepts;
  Eigen::MatrixXd labels;       ///< [n, K], 1 = present, 0 = absent or not judged
  Eigen::MatrixXd is_judged;    ///< [n, K], 0 where nobody judged, or annotators were uncertain or disagree
  Eigen::MatrixXd strata;       ///< [n, S], one level of each column dropped; S may be 0
  std::vector<std::string> strata_names;  ///< of the dummy columns, such as "view=AP"

  Eigen::Index n() const { return labels.rows(); }
  /// Only these rows, in this order.
  TrainingSet subset(const std::vector<Eigen::Index>& rows) const;
};

/// The cases for which the library has a label, with the latest version of every concept that is not retired.
/// Of several annotators the majority counts; a tie is uncertain.
/// @param strata_columns  of cases.csv: acquisition and patients. Words, and numbers with up to 8 values, are
///        levels (an empty cell is one of its own); further numbers enter as they are, an empty cell as mean
/// @throws Error (kInput) if no case has a label, or a column is missing
TrainingSet training_set(const ConceptLibrary& library, const std::vector<Case>& cases,
                         const std::vector<std::string>& strata_columns);

/// Labels of further cases for given concepts, as the library has them for that version; where it has none,
/// by the column rule that made the concept. Rows without any label are left out.
/// @throws Error (kInput) if none has a label
TrainingSet labelled_cases(const ConceptLibrary& library,
                           const std::vector<std::pair<std::string, int>>& concepts,
                           const std::vector<Case>& cases);

/// Patients (or images, where no patient is stated) with and without concept k.
struct PatientCount {
  int n_present = 0, n_absent = 0;
};
PatientCount count_patients(const TrainingSet& set, Eigen::Index k);

}  // namespace rationale::concepts
