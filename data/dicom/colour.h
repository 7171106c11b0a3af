// Colour pictures made grey, where the caller asked for it (PS3.3 C.7.6.3.1.2, C.7.9).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/dicom/attributes.h"
#include "data/dicom/frame.h"

namespace rationale {

/// What PhotometricInterpretation says of a colour picture; not every one can be made grey.
struct ColourModel {
  enum class Kind { kRgb, kYbr, kPalette, kUnread };
  Kind kind = Kind::kUnread;
  bool is_halved = false;  ///< native YBR_FULL_422: two pixels share Cb and Cr
};

/// Nothing for MONOCHROME1, MONOCHROME2 and words that DICOM does not have.
std::optional<ColourModel> find_colour_model(const std::string& photometric);

/// Cells of one frame to grey, rows x cols, 0 to 255.
///
/// RGB: data/image/luma.h. YBR: its Y, which is the same luma. PALETTE COLOR: the palette's entry, then as RGB.
/// @param cells  as native_cells or decode_frame gave them
/// @param is_planar  all red cells first, then green and blue (PlanarConfiguration 1)
/// @throws Error (kInput) for a palette that cannot be used
std::vector<std::int32_t> grey_of_colour(const Attributes& header, const ColourModel& model,
                                         const std::vector<std::uint32_t>& cells, const FrameShape& shape,
                                         bool is_planar, std::vector<std::string>& warnings);

}  // namespace rationale
