// What readers, arms and cases are called in the files of other programs, and the way back.
#pragma once

#include <string>
#include <vector>

namespace rationale::study {

/// In the order of the study: StudyReadings and FrocStudy have these members.
struct StudyNames {
  std::vector<std::string> readers, arms, normal, diseased;
};

template <typename Study>
StudyNames names_of(const Study& study) {
  return {study.readers, study.arms, study.normal, study.diseased};
}

/// Names that every peer takes. Readers and arms: ASCII letters, digits, '_' and '-', first a letter, kept where they
/// are so; else R01, R02 …, A1, A2 …. Cases: integers 1001, 1002 … of one number of digits, normal ones first.
/// Sorted as strings they stand in the study's order, because iMRMC and R sort names, and call the first arm A.
StudyNames peer_names(const StudyNames& original);

/// id_map.csv: kind (reader, arm, case), place (from 1), original, exported.
std::string id_map_csv(const StudyNames& original, const StudyNames& exported);

}  // namespace rationale::study
