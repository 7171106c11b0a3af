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
  int cells_per_pixel = 1;  ///< 3 for RGB and YBR, 2 for native YBR_FULL_422

  std::uint64_t n_pixels() const { return rows * cols; }
  std::uint64_t n_cells() const {
    return n_pixels() * static_cast<std::uint64_t>(cells_per_pixel);
  }
};

/// Native cells as unsigned bits, in the file's order, rows x cols (x cells a pixel). Odd totals have one byte of
/// padding; more than that is reported in `warnings`.
/// @throws Error (kInput) if the value is shorter than the header says, before anything is
/// allocated
std::vector<std::uint32_t> native_cells(const DicomLayout& layout, const FrameShape& shape,
                                        const std::string& name,
                                        std::vector<std::string>& warnings);

/// Float or double pixel data. @throws Error (kInput) as native_cells, or for values that are not
/// finite
std::vector<double> float_pixels(const DicomLayout& layout, const FrameShape& shape,
                                 const std::string& name);

/// Cells of one decoded frame.
struct Decoded {
  std::vector<std::uint32_t> cells;  ///< rows x cols x samples, sample after sample of a pixel
  bool is_rgb = false;  ///< three samples that the decoder made red, green and blue, whatever the header says
};

/// RLE, JPEG and JPEG-LS by DCMTK, JPEG 2000 by OpenJPEG. The codestream's own size, precision and number of
/// components are held against the header before a decoder sees it, and DCMTK gets this one codestream alone.
/// @param data_set  the parsed header; its pixel data and number of frames are replaced
/// @throws Error (kInput) if the codestream is cut, damaged, or contradicts the header, for RLE with
/// several samples a pixel, and for frames of more than 2^28 pixels
Decoded decode_frame(const DicomLayout& layout, DcmDataset& data_set, const FrameShape& shape,
                     const std::string& name);

/// Registers decoders and silences DCMTK's log, once a process.
void prepare_dcmtk();

}  // namespace rationale
