// The picture of a volume's explanation: the slices with the most evidence, side by side.
#pragma once

#include <vector>

#include "data/volume/volume.h"
#include "explain/pipeline/pictures.h"

namespace rationale::explain {

/// The slices to show, in their order in the volume: those with the largest energy, at most `most`, none with less than
/// a tenth of the strongest one's. Without positive evidence the middle one.
std::vector<int> slices_to_show(const std::vector<double>& energy, std::size_t most);

/// A montage of slices_to_show, each with its overlay (up-sampled along the depth as well) and a line of words below
/// it: number, place in mm, share of the positive evidence; the panel beside it says which slices a cell blends, and
/// whether the evidence is borrowed.
/// @throws Error as Volume::picture
RgbImage draw_volume(const ExplanationStore& store, const ExplainedCase& one, const Explanation& explanation,
                     int class_index, const Volume& volume, const PictureChoice& choice, std::size_t n_cases,
                     Font& font);

}  // namespace rationale::explain
