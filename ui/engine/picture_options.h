// Which pictures `explain` and `explain merge` draw, and on which scale.
#pragma once

#include <string>
#include <vector>

#include "data/records/explanations.h"
#include "explain/pipeline/pictures.h"
#include "ui/command/command_line.h"

namespace rationale::ui {

/// top, all, or a class; filled, as outlines, or with both signs (a regression). Without reference scales.
/// @param output_kind  of a manifest: logits, probabilities or regression
/// @throws Error (kUsage) for an unknown class
explain::PictureChoice picture_choice(const PictureOptions& options, const std::vector<std::string>& classes,
                                      const std::string& output_kind, const std::string& model_name);

/// Where colours end, one a class, if that is known beforehand: a number or an earlier run that --scale names, else the
/// card's; empty: the run's own.
/// @param run      what is drawn; an earlier run must have its model, layer and method
/// @param of_card  may be empty
/// @throws Error (kUsage, "bad_scale"); kRefused ("other_run"); as ExplanationStore::open
std::vector<double> reference_scales(const PictureOptions& options, const ExplanationManifest& run,
                                     const std::vector<double>& of_card);

}  // namespace rationale::ui
