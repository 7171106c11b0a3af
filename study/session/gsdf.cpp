#include "study/session/gsdf.h"

#include <fmt/format.h>

#include <cmath>

#include "data/base/error.h"

namespace rationale::study {

double gsdf_luminance(double jnd_index) {
  if (!(jnd_index >= 1 && jnd_index <= 1023)) {
    throw Error(Error::Kind::kInput,
                fmt::format("the JND index {} is outside 1 to 1023 (PS3.14)", jnd_index));
  }
  // Named as in PS3.14, section 7.1.
  constexpr double a = -1.3011877, b = -2.5840191e-2, c = 8.0242636e-2, d = -1.0320229e-1,
                   e = 1.3646699e-1, f = 2.8745620e-2, g = -2.5468404e-2, h = -3.1978977e-3,
                   k = 1.2992634e-4, m = 1.3635334e-3;
  const double x = std::log(jnd_index);
  const double above = a + x * (c + x * (e + x * (g + x * m)));
  const double below = 1 + x * (b + x * (d + x * (f + x * (h + x * k))));
  return std::pow(10.0, above / below);
}

}  // namespace rationale::study
