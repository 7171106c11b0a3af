// The colours of every window (RGB 0-255), calm enough for a dark reading room. Source: the
// mockups' tokens. No red, green or amber: pass, weak and fail are a word and a shape. Colour
// inside the image area belongs to the heatmap alone; outside, to one accent.
#pragma once

#include <cstdint>

namespace rationale::ui {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
};

/// The same colour, `share` (0-1) as opaque.
constexpr Colour faded(Colour colour, float share) {
  colour.alpha = static_cast<std::uint8_t>(static_cast<float>(colour.alpha) * share + 0.5F);
  return colour;
}

namespace theme {

inline constexpr Colour kBlack{0, 0, 0};      ///< image area
inline constexpr Colour kGround{10, 10, 11};  ///< page
inline constexpr Colour kPanel{18, 18, 19};   ///< bars and rails
inline constexpr Colour kCard{25, 25, 27};
inline constexpr Colour kControl{36, 36, 38};
inline constexpr Colour kHover{46, 46, 49};
inline constexpr Colour kKeyCap{14, 14, 15};
inline constexpr Colour kLine{50, 50, 53};
inline constexpr Colour kLineStrong{72, 72, 76};
inline constexpr Colour kRowLine{38, 38, 40};
inline constexpr Colour kText1{204, 204, 202};  ///< value
inline constexpr Colour kText2{158, 158, 156};  ///< label
inline constexpr Colour kText3{132, 132, 130};  ///< note
inline constexpr Colour kTextOff{98, 98, 97};   ///< closed
inline constexpr Colour kBar{150, 150, 148};    ///< bars of a plot that are not a concept's
inline constexpr Colour kAccent{126, 164,
                                204};  ///< selection, focus, the observed value; nothing else
inline constexpr Colour kAccentFill{32, 43, 55};
inline constexpr Colour kAccentHalf{74, 98, 124};

inline constexpr float kRadius = 6;  ///< buttons and cards
inline constexpr float kKeyCapRadius = 4;
inline constexpr float kCardPadding = 16;
inline constexpr float kPagePadding = 24;

}  // namespace theme
}  // namespace rationale::ui
