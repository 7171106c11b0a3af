// One way in for volumes: a folder with the slices of a DICOM series, a multi-frame DICOM file, or an array. Link
// rationale_load.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "data/volume/volume.h"

namespace rationale {

/// Who reads the DICOM files of a volume.
struct VolumeReader {
  std::function<std::vector<Slice>(const std::filesystem::path& file)> slices;           ///< as slices_of
  std::function<Picture(const std::filesystem::path& file, int frame)> picture;  ///< as load_picture
};

/// Reads headers and orders the slices (order_slices says what is refused); pixels are decoded when asked for.
/// * folder: all its files, without subfolders; files that are no DICOM are named in the warnings
/// * .npy: [D,H,W], slice 0 first; values are taken as modality values
/// @param reader  empty: this process, which keeps the bytes of a multi-frame file; FilmDecoders is another
/// @throws Error (kInput): as order_slices and slices_of; "no_slices" for a folder without DICOM files,
/// "unknown_series" (listing those that are there), "volume_shape" for another array; kUsage for a spacing that is none
Volume load_volume(const std::filesystem::path& place, const VolumeChoice& choice = {}, VolumeReader reader = {});

/// slices_of. @throws Error (kEnvironment) in a build without DCMTK
std::vector<Slice> parse_slices(std::string_view bytes, const std::filesystem::path& file);

}  // namespace rationale
