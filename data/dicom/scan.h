// A look at a DICOM file's bytes before any library parses them: where its parts lie, and that they
// nest and fit. DCMTK 3.6.7 recurses without limit and trusts lengths; it only ever sees what
// passed here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/dicom/transfer_syntax.h"

namespace rationale {

/// The pixel data element of the data set itself (not of an icon inside it).
struct PixelElement {
  std::uint16_t element = 0;  ///< 0x0008 float, 0x0009 double, 0x0010 integer; group 7FE0
  std::string vr;             ///< empty in implicit encodings
  std::size_t begin = 0;      ///< of the element's header in the data set
  std::size_t end = 0;        ///< after the value, or after the sequence delimiter
  std::string_view value;     ///< native: the bytes as they lie in the file
  bool is_encapsulated = false;
  std::vector<std::string_view> fragments;  ///< encapsulated: first the offset table, maybe empty
};

struct DicomLayout {
  TransferSyntax syntax;
  std::vector<char> inflated;  ///< the data set where the file has it deflated
  std::string_view data_set;   ///< into `inflated` or the caller's bytes
  PixelElement pixels;
};

/// @param bytes  the file, which must outlive the result
/// @throws Error (kInput) for: no DICOM file, an unknown transfer syntax (named), elements that are
/// longer
///         than what holds them, more than 64 nested levels, more than 2^22 elements, a deflated
///         data set that is cut or grows beyond 200 times its size, no pixel data, native pixel
///         data under a compressed syntax and the other way round
DicomLayout scan_dicom(std::string_view bytes, const std::string& name);

}  // namespace rationale
