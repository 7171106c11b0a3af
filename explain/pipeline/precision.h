// What half precision changes.
#pragma once

#include "data/arrays/array.h"
#include "explain/model/split_model.h"

namespace rationale::explain {

/// Largest difference of activation and scores of `model` to those of `exact`, the same cut of the same file, relative to
/// the largest value there; for one input of noise. @param input_shape  [C,(D,)H,W]
double largest_deviation(const SplitModel& model, const SplitModel& exact, const Shape& input_shape);

}  // namespace rationale::explain
