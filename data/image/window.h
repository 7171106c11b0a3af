// From stored values to what is seen: modality transform, window or LUT, polarity (PS3.3 C.11).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/image/image.h"

namespace rationale {

/// Which of a picture's displays is meant. They are alternatives and never combined.
struct WindowChoice {
  enum class Kind {
    kDefault,  ///< the file's first window, else its first VOI LUT, else min-max
    kFile,     ///< window `index` of the file, from 0
    kLut,      ///< VOI LUT `index` of the file, from 0
    kMinMax,   ///< smallest value → 0, largest → 1, padding left out
    kFixed     ///< `window`
  };
  Kind kind = Kind::kDefault;
  int index = 0;
  Window window = {};
};

/// "" (default), "file:K", "lut:K", "minmax", "C,W" or "C,W,LINEAR|LINEAR_EXACT|SIGMOID".
/// @throws Error (kUsage)
WindowChoice parse_window_choice(const std::string& text);

/// "LINEAR", "LINEAR_EXACT" or "SIGMOID".
const char* window_function_name(WindowFunction function);

/// LINEAR needs a width of at least 1, the others one above 0; all need finite numbers.
bool is_valid_window(const Window& window);

/// y(x) in [0, 1] (PS3.3 C.11.2.1.2, C.11.2.1.3). @pre is_valid_window(window)
double apply_window(const Window& window, double x);

/// m = slope * stored + intercept, or the modality LUT's entry, or the float pixels as they are;
/// rows x cols, row-major, never rounded. Padded pixels are transformed like all others.
std::vector<double> modality_values(const Picture& picture);

struct ValueRange {
  double low = 0, high = 0;
};
/// Smallest and largest modality value outside the padding (of all pixels if everything is
/// padding).
ValueRange modality_range(const Picture& picture);

/// Displayed values y in [0, 1], window or LUT first, polarity last; rows x cols. A picture of one
/// value under min-max is all 0 (before polarity).
/// @throws Error (kInput) if the picture has no such window or LUT, (kUsage) for a fixed window
/// that
///         is not valid
std::vector<double> display_values(const Picture& picture, const WindowChoice& choice = {});

/// The same rounded to float, for what is resized next.
std::vector<float> display_floats(const Picture& picture, const WindowChoice& choice = {});

/// floor(255 y + 0.5): rounded once, at the end.
std::vector<std::uint8_t> display_u8(const Picture& picture, const WindowChoice& choice = {});

}  // namespace rationale
