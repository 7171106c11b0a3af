// The cells of one frame: cut out of native pixel data, or decoded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dicom/scan.h"

class DcmDataset;

namespace rationale {

/// What the header says of the pixel data; checked by the caller.
struct FrameShape {
  std::uint64_t rows = 0, cols = 0;
  std::uint64_t n_frames = 1;
  std::uint64_t frame = 0;  ///< from 0
  int bits_allocated = 0;   ///< 1, 8, 16 or 32 (64: double pixels only)
  int bits_stored = 0;

  std::uint64_t n_pixels() const { return rows * cols; }
};

/// Native cells as unsigned bits, rows x cols. Odd totals have one byte of padding; more than that
/// is reported in `warnings`.
/// @throws Error (kInput) if the value is shorter than the header says, before anything is
/// allocated
std::vector<std::uint32_t> native_cells(const DicomLayout& layout, const FrameShape& shape,
                                        const std::string& name,
                                        std::vector<std::string>& warnings);

/// Float or double pixel data. @throws Error (kInput) as native_cells, or for values that are not
/// finite
std::vector<double> float_pixels(const DicomLayout& layout, const FrameShape& shape,
                                 const std::string& name);

/// RLE, JPEG and JPEG-LS by DCMTK, JPEG 2000 by OpenJPEG. The codestream's own size and precision
/// are held against the header before a decoder sees it.
/// @param data_set  parsed, with its pixel sequence
/// @throws Error (kInput) if the codestream is cut, damaged, in colour, or contradicts the header
std::vector<std::uint32_t> decoded_cells(const DicomLayout& layout, DcmDataset& data_set,
                                         const FrameShape& shape, const std::string& name);

/// Registers decoders and silences DCMTK's log, once a process.
void prepare_dcmtk();

}  // namespace rationale
