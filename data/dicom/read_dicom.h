// DICOM images to grey pictures: stored values, and all that their display needs (docs/dicom.md).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data/image/image.h"

namespace rationale {

/// Reads one frame of a grey image of any transfer syntax that Debian's DCMTK decodes, and JPEG
/// 2000. Headers are checked before anything is decoded or allocated; DCMTK parses and decodes,
/// windows and LUTs are our own (data/image/window.h).
///
/// Refused: colour (unless grey is asked for: 8-bit RGB, YBR and palettes, data/dicom/colour.h), bits or
/// sizes that contradict each other or the pixel data, a rescale slope that is zero or no number, a
/// modality LUT without data, damaged codestreams. A window or VOI LUT that cannot be used is left out
/// with a warning.
///
/// @param frame  from 1
/// @throws Error (kInput) naming file, tag and remedy. Safe to call from several threads.
Picture read_dicom(const std::filesystem::path& path, int frame = 1, Colour colour = Colour::kRefuse);
Picture parse_dicom(std::string_view bytes, const std::string& name_for_errors, int frame = 1,
                    Colour colour = Colour::kRefuse);

}  // namespace rationale
