// The part of a header that says how stored values become a display: PS3.3 C.11, C.7.6.16.2,
// C.7.6.3.
#pragma once

#include <vector>

#include "data/dicom/attributes.h"
#include "data/image/image.h"

namespace rationale {

/// Where an attribute may stand: the data set, then for enhanced multi-frame objects the frame's
/// own and the shared functional group macros. The first that has it is believed.
std::vector<Attributes> attribute_places(const Attributes& data_set, int frame,
                                         const DcmTagKey& macro);

/// Modality LUT, or slope and intercept. @pre rows … is_stored_signed and bits_stored are set
/// @throws Error (kInput) if it cannot be used: the values would have no meaning
void read_modality_transform(const Attributes& data_set, Picture& picture);
/// Windows and VOI LUTs; those that cannot be used are left out with a warning. @pre modality is
/// read
void read_voi(const Attributes& data_set, Picture& picture);
/// PresentationLUTShape decides, else MONOCHROME1 (docs/dicom.md).
void read_polarity(const Attributes& data_set, Picture& picture);
/// PixelSpacing, else ImagerPixelSpacing, else PixelAspectRatio.
void read_spacing(const Attributes& data_set, Picture& picture);
/// PixelPaddingValue and -RangeLimit, on stored values.
void read_padding(const Attributes& data_set, int bits_allocated, Picture& picture);
/// FloatPixelPaddingValue and -RangeLimit of 32-bit floats, those of doubles else, on float pixels.
void read_float_padding(const Attributes& data_set, int bits_allocated, Picture& picture);

}  // namespace rationale
