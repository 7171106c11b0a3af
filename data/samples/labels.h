// Which phantom has which finding: the label draws of every sample set.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/samples/phantom.h"

namespace rationale::samples {

enum class SampleSet {
  kTest,              ///< all eight independent, 35 % each
  kConcept,           ///< 35 % each, correlated (rho 0.2): to teach concepts
  kTrainHonest,       ///< consolidation is the target; the shoulder blob is independent of it
  kTrainShoulder,     ///< the shoulder blob agrees with the target in 95 %
  kTrainPortable,     ///< the PORTABLE stamp agrees with the target in 95 %
  kTrainRule,         ///< the target is pneumonia, drawn from three findings
  kAlignedShoulder,   ///< test, shoulder blob exactly where consolidation is
  kReversedShoulder,  ///< test, shoulder blob exactly where consolidation is not
  kAlignedPortable,
  kReversedPortable,
};

struct NamedSet {
  const char* name;  ///< as --set takes it
  SampleSet set;
};
const std::vector<NamedSet>& sample_sets();

/// @throws Error (kUsage) for a name that is not there
SampleSet sample_set(const std::string& name);

struct Labels {
  Findings findings{};
  /// Consolidation; in the training sets of the first three models flipped in 3 % of cases.
  bool target_consolidation = false;
  /// Bernoulli(sigmoid(-2.2 + 2.5 consolidation + 4 effusion - 2 cardiomegaly)).
  bool target_pneumonia = false;
};

/// Findings that are set or taken away whatever was drawn; the rest stays as drawn.
using Overrides = std::array<std::optional<bool>, kFindingCount>;

/// Sets the findings in `names` to `value`.
/// @throws Error (kUsage) with near names for a name that is not there, or one that is set both
/// ways
void override_findings(Overrides& overrides, const std::vector<std::string>& names, bool value);

/// Labels of image `index`: liability of finding k = sqrt(rho) z0 + sqrt(1 - rho) z_k, present
/// below Phi^-1(0.35). All random numbers are drawn in a fixed order, so sets of one seed differ
/// only where their rules differ (an aligned and a reversed set are the same images but for the
/// confounder). Targets follow from the findings after `overrides`.
Labels draw_labels(SampleSet set, std::uint64_t seed, std::uint64_t index,
                   const Overrides& overrides = {});

}  // namespace rationale::samples
