// Which cases a report shows: chosen by a rule that anybody can repeat, not by eye.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/cases/csv.h"

namespace rationale::study {

/// A case at which readers changed their answer between the arms.
struct ChosenCase {
  std::string id;
  bool is_diseased = false;
  bool is_for_the_better = false;  ///< wrong in the control arm, right in the treated one
  std::size_t n_readers = 0;       ///< who read it in both arms
  std::size_t n_changed = 0;       ///< of these, who changed in this direction; > 0
  std::size_t n_positive_control = 0, n_positive_treated = 0;
};

/// Of each kind (normal or diseased, for the better or the worse) the case at which most readers changed;
/// ties by the case's name. At most four, in this order; kinds without any change are left out.
/// @param readings  columns reader, case, arm, truth, positive; rows with an empty `positive` do not count
std::vector<ChosenCase> choose_examples(const CsvTable& readings, const std::string& control,
                                        const std::string& treated);

}  // namespace rationale::study
