// The two graphs of a cut: input → (activation, side values), and (activation, side values) →
// output.
#pragma once

#include <string>

#include "explain/model/torchscript_clean.h"

namespace rationale::explain::torchscript {

struct Cut {
  GraphPtr prefix;  ///< (x) → activation, then the side values
  GraphPtr suffix;  ///< (activation, side values) → output tensor
  int n_sides = 0;
  /// In-place changes are left: the suffix is all that comes after the layer in program order, and
  /// may change what it is given.
  bool has_in_place = false;
};

/// Why a tap cannot be cut at; empty if it can. `graph` is not changed.
std::string why_not(const Cleaned& cleaned, const Tap& tap);

/// Whether tensors that come from the tap reach the output through `detach`: its gradient there is none, or not the
/// slope. Looks at the graph's data flow alone: rounding, and `detach` inside branches, are found by the check at load.
bool stops_gradient(const Cleaned& cleaned, const Tap& tap);

/// Cuts behind `tap`; the other taps disappear.
/// @pre why_not(cleaned, tap) is empty
Cut cut(Cleaned cleaned, const Tap& tap);

}  // namespace rationale::explain::torchscript
