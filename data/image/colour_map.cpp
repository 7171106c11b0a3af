#include "data/image/colour_map.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace rationale {
namespace {

struct Knot {
  double index;  ///< of 0 … 255 in the published table
  double red, green, blue;
};

// Evenly spaced, and closer at the yellow end, where blue turns.
constexpr Knot kKnots[] = {
    {0, 0.267004, 0.004874, 0.329415},   {17, 0.282656, 0.100196, 0.422160},
    {34, 0.277134, 0.185228, 0.489898},  {51, 0.253935, 0.265254, 0.529983},
    {68, 0.221989, 0.339161, 0.548752},  {85, 0.190631, 0.407061, 0.556089},
    {102, 0.163625, 0.471133, 0.558148}, {119, 0.139147, 0.533812, 0.555298},
    {136, 0.120565, 0.596422, 0.543611}, {144, 0.120638, 0.625828, 0.533488},
    {153, 0.134692, 0.658636, 0.517649}, {161, 0.162016, 0.687316, 0.499129},
    {170, 0.208030, 0.718701, 0.472873}, {187, 0.327796, 0.773980, 0.406640},
    {204, 0.477504, 0.821444, 0.318195}, {221, 0.647257, 0.858400, 0.209861},
    {230, 0.741388, 0.873449, 0.149561}, {234, 0.783315, 0.879285, 0.125405},
    {238, 0.824940, 0.884720, 0.106217}, {243, 0.876168, 0.891125, 0.095250},
    {249, 0.935904, 0.898570, 0.108131}, {255, 0.993248, 0.906157, 0.143936},
};

std::uint8_t to_byte(double value) { return static_cast<std::uint8_t>(std::lround(255 * value)); }

}  // namespace

Rgb viridis(double t) {
  const double index = 255 * std::clamp(t, 0.0, 1.0);
  const Knot* above = std::find_if(std::begin(kKnots) + 1, std::end(kKnots) - 1,
                                   [&](const Knot& knot) { return knot.index >= index; });
  const Knot& a = above[-1];
  const Knot& b = *above;
  const double f = (index - a.index) / (b.index - a.index);
  return {to_byte(std::lerp(a.red, b.red, f)), to_byte(std::lerp(a.green, b.green, f)),
          to_byte(std::lerp(a.blue, b.blue, f))};
}

std::array<Rgb, 256> viridis_table() {
  std::array<Rgb, 256> table;
  for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = viridis(i / 255.0);
  return table;
}

}  // namespace rationale
