// One way in for volumes: a folder with the slices of a DICOM series, a multi-frame DICOM file, or an array. Link
// rationale_load.
#pragma once

#include <filesystem>

#include "data/volume/volume.h"

namespace rationale {

/// Reads headers and orders the slices (order_slices says what is refused); pixels are decoded when asked for.
/// * folder: all its files, without subfolders; files that are no DICOM are named in the warnings
/// * .npy: [D,H,W], slice 0 first; values are taken as modality values
/// @throws Error (kInput): as order_slices and slices_of; "no_slices" for a folder without DICOM files,
/// "unknown_series" (listing those that are there), "volume_shape" for another array; kUsage for a spacing that is none
Volume load_volume(const std::filesystem::path& place, const VolumeChoice& choice = {});

}  // namespace rationale
