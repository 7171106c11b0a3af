// Grey pictures: planes of float values, and a decoded picture with all that is needed to display
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rationale {

/// One grey plane, row-major: value of (row, col) at values[row * cols + col]. What the values mean
/// is said by the function that makes the plane.
struct Plane {
  int rows = 0;
  int cols = 0;
  std::vector<float> values;
};

/// What to do with a colour picture: a grey value of it is somebody's choice, never an accident.
enum class Colour {
  kRefuse,
  kToGrey  ///< luma of ITU-R BT.601, as Pillow's convert("L") rounds it
};

/// Distance between pixel centres. `is_detector`: measured at the detector (ImagerPixelSpacing),
/// which is not patient millimetres (PS3.3 C.8.11.3.1).
struct Spacing {
  double vertical_mm = 0;    ///< between rows; 0 = unknown
  double horizontal_mm = 0;  ///< between columns; 0 = unknown
  double aspect = 1;         ///< vertical / horizontal, known even without millimetres
  bool is_detector = false;
};

/// VOI LUT function (PS3.3 C.11.2.1.2, C.11.2.1.3).
enum class WindowFunction { kLinear, kLinearExact, kSigmoid };

struct Window {
  double centre = 0;
  double width = 0;
  WindowFunction function = WindowFunction::kLinear;
  std::string explanation = {};
};

/// A modality or VOI LUT (PS3.3 C.11.1.1, C.11.2.1.1): entry of input x is
/// data[clamp(floor(x) - first, 0, n - 1)].
struct LookupTable {
  std::int64_t first = 0;
  int bits = 16;  ///< output range of a VOI LUT is 0 .. 2^bits - 1
  std::vector<std::uint16_t> data;
};

/// One decoded grey frame, before any window. Stored values are exact integers.
struct Picture {
  int rows = 0;
  int cols = 0;
  std::vector<std::int32_t> stored;  ///< masked to BitsStored and sign-extended, rows x cols
  std::vector<std::uint8_t>
      padding;  ///< 1 where PixelPaddingValue/Range holds; empty = none anywhere

  // Modality transform: `modality_lut` if it has data, else slope * stored + intercept.
  double slope = 1;
  double intercept = 0;
  LookupTable modality_lut;
  /// Float pixel data (PS3.3 C.7.6.24): modality values as they are; `stored` is then empty.
  std::vector<double> float_values;
  bool is_stored_signed = false;    ///< PixelRepresentation 1
  bool is_modality_signed = false;  ///< decides how a VOI LUT's first value is read

  std::vector<Window> windows;
  std::vector<LookupTable> voi_luts;
  bool is_inverted = false;  ///< display = 1 - y (MONOCHROME1, or PresentationLUTShape INVERSE)
  bool is_monochrome1 = false;
  Spacing spacing;

  // Facts, for `rationale image` and the decision record.
  int bits_stored = 8;
  int frames = 1;
  int frame = 1;                ///< 1-based
  std::string format;           ///< "dicom" or "png"
  std::string photometric;      ///< as in the file; PNG: MONOCHROME2
  std::string transfer_syntax;  ///< UID; empty for PNG
  std::string view_position;
  bool is_lossy = false;
  std::vector<std::string> warnings;
};

}  // namespace rationale
