// Which slices a volume's map speaks of, and whether the slice that it shows carries the evidence itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/receptive_field.h"
#include "explain/model/split_model.h"

namespace rationale::explain {

/// The drop below which a slice is said to borrow its evidence, as a share of the slab's.
inline constexpr double kBorrowedBelow = 0.25;

/// Of one image and one class. Slices are those of the network's input, from 0.
struct SliceEvidence {
  std::vector<double> energy;            ///< share of positive evidence by slice (slice_energy)
  int shown = -1;                        ///< the slice with most of it; -1: no positive evidence
  int slab_first = -1, slab_last = -1;   ///< the slices that the shown slice's cell looks at
  double drop_slice = 0, drop_slab = 0;  ///< how far the target falls when they are covered, in its units
  enum class Verdict { kOwn, kBorrowed, kNotEstimable };
  Verdict verdict = Verdict::kNotEstimable;
  std::string code, reason;  ///< for kNotEstimable

  /// drop_slice / drop_slab. @pre verdict is not kNotEstimable
  double share() const { return drop_slice / drop_slab; }
};

/// The slices that map cell `cell` of `n_cells` looks at in an input of `n_slices`: its receptive field (the effective
/// one, where it was measured), and at least the slices that the cell covers by the half-pixel rule; cut at the ends.
struct Slab {
  int first = 0, last = 0;
};
Slab slab_of_cell(const ReceptiveField& field, int cell, int n_cells, int n_slices);

/// The slices of a series of `n_series` that slices of the network's input of `n_slices` lie over, by the half-pixel
/// rule: all that they touch.
Slab slab_in_series(const Slab& slab, int n_slices, int n_series);

/// Energy by slice, and the check of borrowed evidence: the shown slice is covered, then the whole slab; "borrowed" if
/// the first lowers the target by less than a quarter of the second. Covered slices become what lies between their
/// neighbours, linear along the depth: a slab of 0 would have two faces, which a network in three dimensions sees.
/// Not estimable where there is no positive evidence, the slab is one slice, covering the slab does not lower the
/// target, or the target is not finite without the slices. Two runs of the network for each slice that is shown, shared
/// by the classes.
///
/// @param input  [N,C,D,H,W]
/// @param maps   [N,D',H',W'], or [N,K,D',H',W'] for K > 1 targets
/// @return  [image][target]
std::vector<std::vector<SliceEvidence>> slice_evidence(const SplitModel& model, const at::Tensor& input,
                                                       const FloatArray& maps, const std::vector<Target>& targets,
                                                       const ReceptiveField& field);

/// {"energy":[…],"series_slices","shown","slab":[first,last],"shown_in_series":[first,last],"slab_in_series":
/// [first,last],"drop_slice","drop_slab","share","verdict":"own"|"borrowed","words"}; where there is no verdict,
/// `verdict` is {"status":"not_estimable","code","reason"}, and what is not known is left out. Slices are those of the
/// network's input where the key does not say otherwise. `words` says the same in a sentence, with slices counted from
/// 1: those of the series where its depth was resized.
/// @param target    "logit"
/// @param n_series  slices of the series that the input was made from; 0: it was given as it is
nlohmann::ordered_json slice_evidence_json(const SliceEvidence& evidence, const std::string& target, int n_series);

}  // namespace rationale::explain
