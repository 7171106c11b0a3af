// What a JPEG, JPEG-LS or JPEG 2000 codestream says about itself in its first markers (ISO 10918-1, ISO 14495-1,
// ISO 15444-1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rationale {

struct Codestream {
  int precision = 0;
  int rows = 0, cols = 0;
  int components = 0;
  bool is_jpeg_ls = false;
  bool is_complete = false;  ///< has an end-of-image marker
};

/// JPEG and JPEG-LS: nothing if the bytes are no such codestream, or end before its frame header.
std::optional<Codestream> read_codestream(std::string_view bytes);

/// A JPEG-LS codestream of less than 8 bits that leaves its preset coding parameters to the standard's defaults,
/// with these defaults stated (ISO 14495-1 C.2.4.1.1): the same picture. CharLS in DCMTK 3.6 computes other ones
/// there. Any other codestream comes back as it is.
std::string with_preset_parameters(std::string stream);

/// What a decoder of JPEG 2000 makes room for before it has read a pixel.
struct Jpeg2000Size {
  std::uint64_t rows = 0, cols = 0;
  std::uint64_t n_tiles = 0;
  int components = 0;
};

/// The SIZ marker of a raw codestream or JP2 file: nothing if it is not there or contradicts itself.
std::optional<Jpeg2000Size> read_jpeg2000_size(std::string_view bytes);

}  // namespace rationale
