#include "ui/widgets/fonts.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H

#include <imgui.h>
#include <imgui_freetype.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::ui {
namespace {

struct Typeface {
  const char* name;
  const char* regular;
  const char* medium;
};
// Debian 12 and 13; the second Inter path is that of upstream's own packages.
constexpr Typeface kTypefaces[] = {
    {"Inter", "/usr/share/fonts/opentype/inter/Inter-Regular.otf",
     "/usr/share/fonts/opentype/inter/Inter-Medium.otf"},
    {"Inter", "/usr/share/fonts/truetype/inter/Inter-Regular.ttf",
     "/usr/share/fonts/truetype/inter/Inter-Medium.ttf"},
    // DejaVu has no medium weight, and its bold is too heavy for a dark room.
    {"DejaVu Sans", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
};

// Latin-1; – “ ” …; ← ↑ → ↓; − ; ≤ ≥.
constexpr ImWchar kGlyphRanges[] = {0x0020, 0x00FF, 0x2013, 0x2014, 0x2018, 0x201D, 0x2026, 0x2026,
                                    0x2190, 0x2193, 0x2212, 0x2212, 0x2264, 0x2265, 0};

/// Heights as shares of the em square.
struct Metrics {
  float ascent = 0, descent = 0, cap_height = 0;
};

std::optional<Metrics> metrics_of(const std::string& bytes) {
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) return std::nullopt;
  std::optional<Metrics> metrics;
  FT_Face face = nullptr;
  if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes.data()),
                         static_cast<FT_Long>(bytes.size()), 0, &face) == 0) {
    if (face->units_per_EM > 0 && face->ascender > 0) {
      const auto em = static_cast<float>(face->units_per_EM);
      const auto* os2 = static_cast<const TT_OS2*>(FT_Get_Sfnt_Table(face, FT_SFNT_OS2));
      const bool has_cap_height = os2 != nullptr && os2->version >= 2 && os2->sCapHeight > 0;
      metrics = Metrics{static_cast<float>(face->ascender) / em,
                        static_cast<float>(-face->descender) / em,
                        has_cap_height ? static_cast<float>(os2->sCapHeight) / em : 0.73F};
    }
    FT_Done_Face(face);
  }
  FT_Done_FreeType(library);
  return metrics;
}

std::optional<std::string> bytes_of(const char* path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  try {
    return read_file(path, std::size_t{64} << 20);
  } catch (const Error&) {
    return std::nullopt;  // the next typeface will do
  }
}

/// Gives all digits the widest digit's advance, so that columns of numbers stand still.
void make_digits_equally_wide(ImFont& font) {
  const auto is_digit = [](const ImFontGlyph& glyph) {
    return glyph.Codepoint >= '0' && glyph.Codepoint <= '9';
  };
  float widest = 0;
  for (const ImFontGlyph& glyph : font.Glyphs) {
    if (is_digit(glyph)) widest = std::max(widest, glyph.AdvanceX);
  }
  for (ImFontGlyph& glyph : font.Glyphs) {
    if (!is_digit(glyph)) continue;
    const float shift = std::floor((widest - glyph.AdvanceX) / 2);
    glyph.X0 += shift;
    glyph.X1 += shift;
    glyph.AdvanceX = widest;
  }
  font.BuildLookupTable();
}

}  // namespace

void Fonts::build(float scale, float density) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
  atlas.Flags |= ImFontAtlasFlags_NoMouseCursors;

  Metrics metrics;
  is_built_in_ = true;
  for (const Typeface& typeface : kTypefaces) {
    auto regular = bytes_of(typeface.regular);
    auto medium = bytes_of(typeface.medium);
    if (!regular || !medium) continue;
    const auto found = metrics_of(*regular);
    if (!found || !metrics_of(*medium)) continue;
    metrics = *found;
    name_ = typeface.name;
    regular_bytes_ = std::move(*regular);
    medium_bytes_ = std::move(*medium);
    is_built_in_ = false;
    break;
  }
  if (is_built_in_) {
    name_ = "built-in";
    metrics = {0.8F, 0.2F, 0.6F};
  }

  for (std::size_t w = 0; w < faces_.size(); ++w) {
    std::string& bytes = w == 0 ? regular_bytes_ : medium_bytes_;
    for (std::size_t i = 0; i < kTypeSizes.size(); ++i) {
      const float em = kTypeSizes[i] * scale;
      // Dear ImGui's "size" is ascent + descent; ours is the em square, as designers count.
      const float box = em * (metrics.ascent + metrics.descent);
      ImFontConfig config;
      config.SizePixels = std::max(1.0F, std::round(box * density));
      config.OversampleH = 1;
      config.OversampleV = 1;
      config.PixelSnapH = true;
      Face& face = faces_[w][i];
      if (is_built_in_) {
        face.font = atlas.AddFontDefault(&config);
      } else {
        config.FontDataOwnedByAtlas = false;
        face.font = atlas.AddFontFromMemoryTTF(bytes.data(), static_cast<int>(bytes.size()),
                                               config.SizePixels, &config, kGlyphRanges);
      }
      face.pixel_size = config.SizePixels / density;
      const float em_drawn = face.pixel_size / (metrics.ascent + metrics.descent);
      face.ascent = em_drawn * metrics.ascent;
      face.cap_height = em_drawn * metrics.cap_height;
    }
  }
  atlas.Build();
  for (const auto& row : faces_) {
    for (const Face& face : row) make_digits_equally_wide(*face.font);
  }
}

const Face& Fonts::face(float size, Weight weight) const {
  std::size_t nearest = 0;
  for (std::size_t i = 1; i < kTypeSizes.size(); ++i) {
    if (std::abs(kTypeSizes[i] - size) < std::abs(kTypeSizes[nearest] - size)) nearest = i;
  }
  return faces_[weight == Weight::kRegular ? 0 : 1][nearest];
}

std::string spelled_in_latin1(const std::string& text) {
  static constexpr std::pair<const char*, const char*> kSpellings[] = {
      {"−", "-"},   {"–", "-"},  {"—", "-"},  {"“", "\""}, {"”", "\""}, {"‘", "'"},  {"’", "'"},
      {"…", "..."}, {"≤", "<="}, {"≥", ">="}, {"→", "->"}, {"←", "<-"}, {"↑", "up"}, {"↓", "down"}};
  std::string spelled = text;
  for (const auto& [glyph, letters] : kSpellings) {
    for (std::size_t at = spelled.find(glyph); at != std::string::npos;
         at = spelled.find(glyph, at)) {
      spelled.replace(at, std::char_traits<char>::length(glyph), letters);
    }
  }
  return spelled;
}

}  // namespace rationale::ui
