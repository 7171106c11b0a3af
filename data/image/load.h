// One way in for pictures: DICOM or PNG, told apart by their bytes. Link rationale_load.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "data/base/error.h"
#include "data/image/image.h"

namespace rationale {

/// @param frame  of a multi-frame DICOM file, from 1
/// @param colour  refused unless somebody asked for grey
/// @throws Error (kInput) naming the tag or the fault, and the remedy, for anything else than a
/// grey PNG or
///         DICOM picture; for a DICOM file where this build has no DICOM reader, kEnvironment
/// Safe to call from several threads.
Picture load_picture(const std::filesystem::path& path, int frame = 1, Colour colour = Colour::kRefuse);

/// Who reads a film: load_picture, or a decode process, or what a test puts in its place.
using LoadFilm = std::function<Picture(const std::filesystem::path&)>;

/// The same of a file's bytes. @param name  of the file, for errors
Picture parse_picture(std::string_view bytes, const std::string& name, int frame = 1, Colour colour = Colour::kRefuse);

/// "DICM" after the preamble, or the file meta group at once (some old files lack the preamble).
bool is_dicom(std::string_view bytes);

/// What is thrown for a DICOM file in a build without DCMTK.
Error no_dicom_reader(const std::string& file);

}  // namespace rationale
