// JPEG 2000 codestreams (transfer syntaxes .4.90 and .4.91) by OpenJPEG; Debian's DCMTK has none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace rationale {

/// One frame, rows x cols x components: samples as the codestream gives them, as 32-bit two's complement. Three
/// components are red, green and blue: the codestream's own colour transform is undone.
/// @param bytes  a raw codestream, or a JP2 file (not conformant in DICOM, but seen)
/// @throws std::runtime_error saying what is wrong: size or component count differ from rows x cols x components,
///         more than 31 bits, subsampled components, tiles without number, cut off, damaged. OpenJPEG is not
///         called before size, tiles and components are known to be right
std::vector<std::uint32_t> decode_jpeg2000(std::string_view bytes, std::uint64_t rows, std::uint64_t cols,
                                           int components);

}  // namespace rationale
