// Writes a grey picture as a digital chest film (DX, for presentation), the same bytes every time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dicom/uid.h"
#include "data/image/image.h"

namespace rationale {

/// Pixel encodings that Debian's DCMTK can write without loss.
enum class DxEncoding { kExplicit, kImplicit, kRle, kJpegLossless, kJpegLs };

/// What a film says about itself besides its pixels. Dates are fixed (PS3.3 asks for them), and
/// every UID follows from `uid_key`: nothing of the machine or the hour goes into the file.
struct DxFile {
  int rows = 0;
  int cols = 0;
  int bits_stored = 12;  ///< 1 .. 16; allocated are 16
  /// Bone white, rows x cols, row-major, each below 2^bits_stored.
  std::vector<std::uint16_t> values;
  /// Store 2^bits_stored - 1 - value, as MONOCHROME1 with presentation LUT shape INVERSE (PS3.3
  /// C.8.11.3.1.2): the same picture.
  bool is_monochrome1 = false;
  Spacing spacing;              ///< goes to ImagerPixelSpacing
  std::vector<Window> windows;  ///< LINEAR, of `values`; turned over for MONOCHROME1
  std::string patient_name, patient_id, sex, view;
  int age = 0;  ///< years
  std::string station;
  std::string study_key;  ///< same key, same study
  std::string uid_key;    ///< distinguishes files
  int number = 1;         ///< instance number
  std::string comment;
  DxEncoding encoding = DxEncoding::kExplicit;
};

/// The bytes of a DICOM file. @throws Error (kInternal) if values and shape disagree or DCMTK
/// refuses
std::string encode_dx(const DxFile& file);

/// Whole or not at all. @throws Error (kEnvironment) as write_file
void write_dx(const std::filesystem::path& path, const DxFile& file);

}  // namespace rationale
