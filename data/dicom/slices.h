// The slices that a DICOM file holds, from its header alone: nothing is decoded.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/volume/volume.h"

namespace rationale {

/// One slice for each frame: size, spacing, series, and position and orientation where the file states them (in the
/// data set, or for enhanced multi-frame objects in the frame's own or the shared functional groups, PS3.3 C.7.6.16.2).
/// @param file  the name that the slices carry
/// @throws Error (kInput, "bad_dicom") naming the tag; a position that is there but is no three finite numbers is
/// refused, one that is missing is left empty
std::vector<Slice> slices_of(std::string_view bytes, const std::filesystem::path& file);

}  // namespace rationale
