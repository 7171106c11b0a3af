// marks.csv and truth.csv of a free-response study.
#pragma once

#include <string>
#include <vector>

#include "data/cases/csv.h"
#include "study/statistics/froc.h"

namespace rationale::study {

/// @param marks  reader,arm,case,lesion,rating: one row a mark; lesion 0: it hits none. A case without marks
///   has no row
/// @param truth  case,truth,lesion,weight: one row for a normal case (lesion 0) and one for each lesion
///   (1, 2, …). Weights of a case add up to 1 (0.99 to 1.01 is scaled, all 0: equal). Optionally patient; without it,
///   or where it is empty, a case is a patient of its own
/// @param arms  in the order of the difference; empty: hidden, visible
/// @throws Error (kInput) with file:line for cases and lesions that the truth does not have, a lesion marked
///   twice, ratings that are no finite number, wrong truths or weights, a case of two patients, a column patient in the
///   marks alone (a case without marks has no row there), fewer than two cases or patients of a kind;
///   (kUsage, "which_arms") where the arms are not the given ones
FrocStudy load_froc(const CsvTable& marks, const CsvTable& truth, const std::vector<std::string>& arms);

}  // namespace rationale::study
