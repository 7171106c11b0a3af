// One way in for pictures: DICOM or PNG, told apart by their bytes. Link rationale_load.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/image/image.h"

namespace rationale {

/// @param frame  of a multi-frame DICOM file, from 1
/// @throws Error (kInput) naming the tag or the fault, and the remedy, for anything else than a
/// grey PNG or
///         DICOM picture; for a DICOM file where this build has no DICOM reader, kEnvironment
/// Safe to call from several threads.
Picture load_picture(const std::filesystem::path& path, int frame = 1);

/// The same of a file's bytes. @param name  of the file, for errors
Picture parse_picture(std::string_view bytes, const std::string& name, int frame = 1);

}  // namespace rationale
